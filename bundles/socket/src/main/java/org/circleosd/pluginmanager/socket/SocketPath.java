package org.circleosd.pluginmanager.socket;

import java.io.IOException;
import java.net.ConnectException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where the daemon listens: a path that is short enough, in a directory whose entries nobody else can exchange.
 *
 * @param file the socket's absolute path; the directory's part has no symbolic links
 */
record SocketPath(Path file) {

    /** Longest path in bytes: macOS takes 104 with the closing NUL, Linux 108. */
    static final int LONGEST = 103;

    private static final int TYPE_MASK = 0170000;
    private static final int TYPE_SOCKET = 0140000;
    private static final int OTHERS_WRITE = 0002;
    private static final int STICKY = 01000;

    /**
     * Checks a path's directory, and makes it with mode 0700 if it is missing.
     *
     * @throws CannotListenException if nobody should listen there
     */
    static SocketPath prepare(String text) throws CannotListenException {
        if (text.isBlank()) {
            throw new CannotListenException("the socket's path is empty; give one with --socket PATH");
        }
        Path path;
        try {
            path = Path.of(text).toAbsolutePath().normalize();
        } catch (InvalidPathException e) {
            throw new CannotListenException("the socket's path '" + text + "' is not valid: " + e.getReason());
        }
        Path parent = path.getParent();
        Path name = path.getFileName();
        if (parent == null || name == null) {
            throw new CannotListenException("the socket's path " + path + " names no file; choose one with --socket");
        }
        checkLength(path);
        Path real = directory(parent);
        checkOthersCannotExchange(real);
        SocketPath found = new SocketPath(real.resolve(name));
        checkLength(found.file);
        checkLength(real.resolve(PrivateDirectory.LONGEST_NAME));
        return found;
    }

    /** Returns a path beside this one. */
    Path sibling(String suffix) {
        return file.resolveSibling(file.getFileName() + suffix);
    }

    /** Returns the directory. */
    Path directory() {
        Path parent = file.getParent();
        return parent == null ? file : parent;
    }

    /**
     * Checks that nothing is there, or a socket that nobody listens on any more.
     *
     * @throws CannotListenException if there is anything else
     */
    void checkFree() throws CannotListenException {
        int mode;
        try {
            mode = mode(file);
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException e) {
            throw new CannotListenException("cannot look at " + file + ": " + e.getMessage());
        }
        if ((mode & TYPE_MASK) != TYPE_SOCKET) {
            throw new CannotListenException(file
                    + " exists and is not a socket; it is left alone: remove it or choose another path with --socket");
        }
        if (isAlive()) {
            throw new CannotListenException(
                    "another process listens on " + file + "; stop it or choose another path with --socket");
        }
    }

    /** Says whether somebody listens; in doubt yes. Does not wait for a server whose backlog is full. */
    private boolean isAlive() {
        try (SocketChannel probe = SocketChannel.open(java.net.StandardProtocolFamily.UNIX)) {
            probe.configureBlocking(false);
            probe.connect(UnixDomainSocketAddress.of(file));
            return true;
        } catch (ConnectException e) {
            return false;
        } catch (IOException e) {
            return Files.exists(file, LinkOption.NOFOLLOW_LINKS);
        }
    }

    private static void checkLength(Path path) throws CannotListenException {
        int length = path.toString().getBytes(StandardCharsets.UTF_8).length;
        if (length > LONGEST) {
            throw new CannotListenException("the socket's path " + path + " has " + length + " bytes, at most "
                    + LONGEST + " are possible; choose a shorter one with --socket");
        }
    }

    private static Path directory(Path parent) throws CannotListenException {
        try {
            if (!Files.exists(parent)) {
                Files.createDirectories(
                        parent, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            Path real = parent.toRealPath();
            if (!Files.isDirectory(real)) {
                throw new CannotListenException(
                        parent + " is not a directory, so no socket can be in it; choose another path with --socket");
            }
            return real;
        } catch (IOException e) {
            throw new CannotListenException("cannot use the directory " + parent + " for the socket: " + e
                    + "; choose another path with --socket");
        }
    }

    private static void checkOthersCannotExchange(Path directory) throws CannotListenException {
        for (Path at = directory; at != null; at = at.getParent()) {
            int mode;
            try {
                mode = mode(at);
            } catch (IOException e) {
                throw new CannotListenException("cannot look at the directory " + at + ": " + e.getMessage());
            }
            if ((mode & OTHERS_WRITE) != 0 && (mode & STICKY) == 0) {
                throw new CannotListenException("every user can exchange files in " + at
                        + ", so the socket is not safe there; 'chmod o-w' it or choose another path with --socket");
            }
        }
    }

    private static int mode(Path path) throws IOException {
        return (Integer) Files.getAttribute(path, "unix:mode", LinkOption.NOFOLLOW_LINKS);
    }
}
