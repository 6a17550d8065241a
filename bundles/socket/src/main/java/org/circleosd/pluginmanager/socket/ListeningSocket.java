package org.circleosd.pluginmanager.socket;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.util.Objects;
import org.newsclub.net.unix.AFServerSocketChannel;
import org.newsclub.net.unix.AFUNIXServerSocket;
import org.newsclub.net.unix.AFUNIXServerSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.newsclub.net.unix.FileDescriptorCast;

/**
 * The socket that clients connect to. It appears under its name complete: with its mode and already listening, by a
 * rename out of a private directory. A stale socket of that name is replaced in the same step; a live one, or anything
 * that is no socket, is never touched.
 */
final class ListeningSocket {

    private static final System.Logger LOG = System.getLogger(ListeningSocket.class.getName());

    private final Path file;
    private final long ownUid;
    private final Object identity;
    private final PathLock lock;
    /** Made the socket; kept, because its collection would close the descriptor. */
    private final AFUNIXServerSocketChannel bound;

    private final AFServerSocketChannel<?> channel;

    private ListeningSocket(
            Path file,
            long ownUid,
            Object identity,
            PathLock lock,
            AFUNIXServerSocketChannel bound,
            AFServerSocketChannel<?> channel) {
        this.file = file;
        this.ownUid = ownUid;
        this.identity = identity;
        this.lock = lock;
        this.bound = bound;
        this.channel = channel;
    }

    /**
     * Starts to listen.
     *
     * @param mode permission bits of the socket
     * @param group name of the socket's group; empty: the process's
     * @param backlog how many connections may wait to be accepted
     * @throws CannotListenException if that is not possible; nothing is left behind but the lock file
     */
    static ListeningSocket open(String path, SocketMode mode, String group, int backlog) throws CannotListenException {
        SocketPath place = SocketPath.prepare(path);
        PathLock lock = PathLock.take(place.sibling(".lock"));
        ListeningSocket opened = null;
        try {
            place.checkFree();
            opened = bind(place, lock, mode, group, backlog);
            return opened;
        } finally {
            if (opened == null) {
                release(lock);
            }
        }
    }

    /** Returns the channel, non-blocking. */
    AFServerSocketChannel<?> channel() {
        return channel;
    }

    /** Returns the absolute path under which clients find the socket. */
    Path file() {
        return file;
    }

    /** Returns the numeric id of the user that this process runs as. */
    long ownUid() {
        return ownUid;
    }

    /** Stops listening. The name goes only if it is still this socket's. */
    void close() {
        try {
            if (identity.equals(identity(file))) {
                Files.delete(file);
            }
        } catch (NoSuchFileException e) {
            LOG.log(System.Logger.Level.DEBUG, "{0} was gone already", file);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot remove {0}: {1}", file, e);
        }
        closeChannel(channel);
        closeChannel(bound);
        release(lock);
    }

    private static ListeningSocket bind(SocketPath place, PathLock lock, SocketMode mode, String group, int backlog)
            throws CannotListenException {
        AFUNIXServerSocketChannel bound = null;
        try (PrivateDirectory directory = PrivateDirectory.in(place.directory())) {
            Path hidden = directory.socket();
            bound = AFUNIXServerSocketChannel.open();
            // With "reuse", its default, junixsocket takes a name away from whoever listens there.
            bound.socket().setReuseAddress(false);
            bound.socket().setDeleteOnClose(false);
            bound.bind(AFUNIXSocketAddress.of(hidden), backlog);
            // junixsocket has made it 0666.
            Files.setPosixFilePermissions(hidden, mode.permissions());
            setGroup(hidden, group);
            AFServerSocketChannel<?> channel = unnamed(bound);
            Object identity = identity(hidden);
            Files.move(hidden, place.file(), StandardCopyOption.ATOMIC_MOVE);
            ListeningSocket opened =
                    new ListeningSocket(place.file(), directory.ownUid(), identity, lock, bound, channel);
            bound = null;
            return opened;
        } catch (IOException e) {
            throw new CannotListenException("cannot listen on " + place.file() + ": " + e
                    + "; make its directory writable or choose another path with --socket");
        } finally {
            if (bound != null) {
                closeChannel(bound);
            }
        }
    }

    /**
     * Returns a channel on the same descriptor that does not know the name it was bound to. The first channel looks at
     * each accept whether the name still leads to it, and closes the socket when, as here, it was renamed.
     */
    private static AFServerSocketChannel<?> unnamed(AFUNIXServerSocketChannel bound) throws IOException {
        AFUNIXServerSocket socket =
                FileDescriptorCast.using(bound.getFileDescriptor()).as(AFUNIXServerSocket.class);
        socket.setDeleteOnClose(false);
        AFServerSocketChannel<?> channel = socket.getChannel();
        channel.configureBlocking(false);
        return channel;
    }

    private static void setGroup(Path socket, String group) throws IOException, CannotListenException {
        if (group.isBlank()) {
            return;
        }
        PosixFileAttributeView view =
                Files.getFileAttributeView(socket, PosixFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
        try {
            view.setGroup(
                    FileSystems.getDefault().getUserPrincipalLookupService().lookupPrincipalByGroupName(group));
        } catch (IOException e) {
            throw new CannotListenException("cannot give the socket to the group '" + group + "': " + e
                    + "; set group in the socket's .cfg file to one that the daemon's user belongs to");
        }
    }

    /** Returns what tells one file from another of the same name. */
    private static Object identity(Path path) throws IOException {
        Object key = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
        return Objects.requireNonNullElse(key, path);
    }

    private static void closeChannel(AFServerSocketChannel<?> channel) {
        try {
            channel.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "closing the listening socket: {0}", e.toString());
        }
    }

    private static void release(PathLock lock) {
        try {
            lock.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot release the socket''s lock: {0}", e.toString());
        }
    }
}
