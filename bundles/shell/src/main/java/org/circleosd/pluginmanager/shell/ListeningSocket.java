package org.circleosd.pluginmanager.shell;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;

import java.io.Closeable;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;
import org.jspecify.annotations.Nullable;

/** A Unix socket in a folder that only its owner can enter, for the owner and root. */
final class ListeningSocket implements Closeable {

    /** What {@code sockaddr_un} holds on Linux without its final NUL; four less on macOS. */
    private static final int LONGEST_PATH = 107;

    private final Path path;
    private final ServerSocketChannel channel;
    private final @Nullable Object fileKey;
    private final Set<UserPrincipal> welcome;

    private ListeningSocket(Path path, ServerSocketChannel channel, Set<UserPrincipal> welcome) throws IOException {
        this.path = path;
        this.channel = channel;
        this.welcome = welcome;
        this.fileKey = key(path);
    }

    /**
     * Starts to listen. A socket that nobody listens on any more is replaced; the state directory's lock has made sure
     * that there is no second daemon.
     *
     * @throws IOException with a message that says what is in the way
     */
    static ListeningSocket open(Path path) throws IOException {
        int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST_PATH) {
            throw new IOException("the path has " + length + " bytes, a socket's can have " + LONGEST_PATH
                    + "; choose a shorter state directory");
        }
        Path folder = privateFolder(Objects.requireNonNull(path.toAbsolutePath().getParent()));
        removeStale(path);
        ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try {
            // Nobody else can reach it in this folder before it has its mode.
            channel.bind(UnixDomainSocketAddress.of(path));
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-------"));
            // By number, since not every system has a list of users; the name is looked up first and "0" is none.
            UserPrincipal root =
                    folder.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("0");
            return new ListeningSocket(path, channel, new HashSet<>(List.of(Files.getOwner(folder), root)));
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    SocketChannel accept() throws IOException {
        return channel.accept();
    }

    /** Says whether the other side runs as our own user or as root. */
    boolean isWelcome(SocketChannel client) throws IOException {
        return welcome.contains(
                client.getOption(ExtendedSocketOptions.SO_PEERCRED).user());
    }

    boolean isOpen() {
        return channel.isOpen();
    }

    /** Ends listening, and removes the socket's file if it is still ours. */
    @Override
    public void close() throws IOException {
        channel.close();
        if (fileKey != null && Files.exists(path, NOFOLLOW_LINKS) && fileKey.equals(key(path))) {
            Files.delete(path);
        }
    }

    private static Path privateFolder(Path folder) throws IOException {
        if (!Files.exists(folder)) {
            Files.createDirectories(
                    folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        }
        String mode = PosixFilePermissions.toString(Files.getPosixFilePermissions(folder));
        if (!mode.endsWith("------")) {
            throw new IOException(folder + " has mode " + mode
                    + "; expected rwx------, so that nobody else gets at the " + "socket: chmod 700 " + folder);
        }
        return folder;
    }

    private static void removeStale(Path path) throws IOException {
        if (!Files.exists(path, NOFOLLOW_LINKS)) {
            return;
        }
        if (!Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS)
                .isOther()) {
            throw new IOException(path + " is in the way and no socket; move it away");
        }
        Files.delete(path);
    }

    private static @Nullable Object key(Path path) throws IOException {
        return Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS)
                .fileKey();
    }
}
