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
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
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

    private final Left parts;
    private final PathLock lock;

    /**
     * What makes a socket, without the lock that its server holds.
     *
     * @param file under which clients find it
     * @param backlog how many connections may wait to be accepted
     * @param ownUid numeric id of the process's user
     * @param identity of the file
     * @param bound made the socket; kept, because its collection would close the descriptor
     * @param channel on the same descriptor, non-blocking
     */
    record Left(
            Path file,
            int backlog,
            long ownUid,
            Object identity,
            AFUNIXServerSocketChannel bound,
            AFServerSocketChannel<?> channel) {

        /** Reads what {@link #parts} of another version of this class wrote. */
        static Left of(Map<?, ?> parts) {
            return new Left(
                    part(parts, "file", Path.class),
                    part(parts, "backlog", Integer.class),
                    part(parts, "uid", Long.class),
                    part(parts, "identity", Object.class),
                    part(parts, "bound", AFUNIXServerSocketChannel.class),
                    part(parts, "channel", AFServerSocketChannel.class));
        }

        /** Returns the same in no class of this bundle. */
        Map<String, Object> parts() {
            return Map.of(
                    "file",
                    file,
                    "backlog",
                    backlog,
                    "uid",
                    ownUid,
                    "identity",
                    identity,
                    "bound",
                    bound,
                    "channel",
                    channel);
        }

        /** Stops listening. The name goes only if it is still this socket's. */
        void close() {
            try {
                if (isInPlace()) {
                    Files.delete(file);
                }
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "cannot remove {0}: {1}", file, e);
            }
            closeChannel(channel);
            closeChannel(bound);
        }

        private boolean isInPlace() throws IOException {
            try {
                return identity.equals(ListeningSocket.identity(file));
            } catch (NoSuchFileException e) {
                LOG.log(System.Logger.Level.DEBUG, "{0} was gone already", file);
                return false;
            }
        }

        private static <T> T part(Map<?, ?> parts, String name, Class<T> type) {
            return type.cast(Objects.requireNonNull(parts.get(name), name));
        }
    }

    private ListeningSocket(Left parts, PathLock lock) {
        this.parts = parts;
        this.lock = lock;
    }

    /**
     * Starts to listen.
     *
     * @param mode permission bits of the socket
     * @param group name of the socket's group; empty: the process's
     * @param backlog how many connections may wait to be accepted
     * @param left by a server before, whose connections that wait are taken over if it listens in the same way; else
     *     closed; null: nothing was left
     * @throws CannotListenException if that is not possible; nothing is left behind but the lock file
     */
    static ListeningSocket open(String path, SocketMode mode, String group, int backlog, @Nullable Left left)
            throws CannotListenException {
        Left unused = left;
        @Nullable PathLock lock = null;
        try {
            SocketPath place = SocketPath.prepare(path);
            lock = PathLock.take(place.sibling(".lock"));
            Left parts;
            if (left != null && isSame(left, place, backlog)) {
                permit(left.file, mode, group);
                parts = left;
                unused = null;
            } else {
                close(unused);
                unused = null;
                place.checkFree();
                parts = bind(place, mode, group, backlog);
            }
            ListeningSocket opened = new ListeningSocket(parts, lock);
            lock = null;
            return opened;
        } finally {
            close(unused);
            if (lock != null) {
                release(lock);
            }
        }
    }

    /** Returns the channel, non-blocking. */
    AFServerSocketChannel<?> channel() {
        return parts.channel;
    }

    /** Returns the absolute path under which clients find the socket. */
    Path file() {
        return parts.file;
    }

    /** Returns the numeric id of the user that this process runs as. */
    long ownUid() {
        return parts.ownUid;
    }

    /** Stops listening. The name goes only if it is still this socket's. */
    void close() {
        parts.close();
        release(lock);
    }

    /** Gives up the socket, which goes on to listen. */
    Left leave() {
        release(lock);
        return parts;
    }

    private static boolean isSame(Left left, SocketPath place, int backlog) throws CannotListenException {
        try {
            return left.file.equals(place.file()) && left.backlog == backlog && left.isInPlace();
        } catch (IOException e) {
            throw new CannotListenException("cannot look at " + left.file + ": " + e);
        }
    }

    private static void close(@Nullable Left left) {
        if (left != null) {
            left.close();
        }
    }

    private static Left bind(SocketPath place, SocketMode mode, String group, int backlog)
            throws CannotListenException {
        AFUNIXServerSocketChannel bound = null;
        try (PrivateDirectory directory = PrivateDirectory.in(place.directory())) {
            Path hidden = directory.socket();
            bound = AFUNIXServerSocketChannel.open();
            // With "reuse", its default, junixsocket takes a name away from whoever listens there.
            bound.socket().setReuseAddress(false);
            bound.socket().setDeleteOnClose(false);
            bound.bind(AFUNIXSocketAddress.of(hidden), backlog);
            permit(hidden, mode, group);
            AFServerSocketChannel<?> channel = unnamed(bound);
            Object identity = identity(hidden);
            Files.move(hidden, place.file(), StandardCopyOption.ATOMIC_MOVE);
            Left opened = new Left(place.file(), backlog, directory.ownUid(), identity, bound, channel);
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

    /** junixsocket has made it 0666. */
    private static void permit(Path socket, SocketMode mode, String group) throws CannotListenException {
        try {
            Files.setPosixFilePermissions(socket, mode.permissions());
        } catch (IOException e) {
            throw new CannotListenException("cannot set the permissions of " + socket + ": " + e);
        }
        setGroup(socket, group);
    }

    private static void setGroup(Path socket, String group) throws CannotListenException {
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
