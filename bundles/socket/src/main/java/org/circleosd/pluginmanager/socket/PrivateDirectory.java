package org.circleosd.pluginmanager.socket;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.concurrent.ThreadLocalRandom;

/**
 * A directory for a moment in which a new socket gets its mode before anyone can reach it. It is beside the socket's
 * final place, so that a rename brings the socket there. The names are short: they count into the path's length.
 */
final class PrivateDirectory implements AutoCloseable {

    /** As long as any socket's path within such a directory. */
    static final String LONGEST_NAME = ".s0000/s";

    private static final int ATTEMPTS = 100;

    private final Path path;

    private PrivateDirectory(Path path) {
        this.path = path;
    }

    /** Makes one with mode 0700. */
    static PrivateDirectory in(Path parent) throws IOException {
        for (int attempt = 1; ; attempt++) {
            int random = ThreadLocalRandom.current().nextInt(36 * 36 * 36, 36 * 36 * 36 * 36);
            Path path = parent.resolve(".s" + Integer.toString(random, 36));
            try {
                Files.createDirectory(
                        path, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
                return new PrivateDirectory(path);
            } catch (FileAlreadyExistsException e) {
                if (attempt == ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    /** Returns the path of the socket to be made. */
    Path socket() {
        return path.resolve("s");
    }

    /** Returns the numeric id of the user that this process runs as: what it makes is that user's. */
    long ownUid() throws IOException {
        return Integer.toUnsignedLong((Integer) Files.getAttribute(path, "unix:uid", LinkOption.NOFOLLOW_LINKS));
    }

    @Override
    public void close() throws IOException {
        Files.deleteIfExists(socket());
        Files.delete(path);
    }
}
