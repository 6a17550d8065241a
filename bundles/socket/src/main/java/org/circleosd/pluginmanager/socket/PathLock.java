package org.circleosd.pluginmanager.socket;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Keeps two daemons from taking the same socket at the same moment: a lock on a file beside it, held while the daemon
 * listens. The file stays when the daemon ends, for removing it could take it from under a daemon that just locked it.
 */
final class PathLock implements AutoCloseable {

    private final FileChannel channel;

    private PathLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Takes the lock and writes this process's id into the file.
     *
     * @throws CannotListenException if another has it
     */
    static PathLock take(Path file) throws CannotListenException {
        FileChannel channel = null;
        try {
            channel = FileChannel.open(
                    file,
                    Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE, LinkOption.NOFOLLOW_LINKS),
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            if (channel.tryLock() == null) {
                String owner = Files.readString(file, StandardCharsets.US_ASCII).trim();
                throw new CannotListenException("another plugin manager (pid " + owner + ") holds " + file
                        + "; stop it or choose another path with --socket");
            }
            channel.truncate(0);
            channel.write(
                    StandardCharsets.US_ASCII.encode(ProcessHandle.current().pid() + "\n"));
            PathLock lock = new PathLock(channel);
            channel = null;
            return lock;
        } catch (OverlappingFileLockException e) {
            // Closing the channel makes the system forget this process's lock; the check for a live socket remains.
            throw new CannotListenException(
                    "this process itself holds " + file + "; choose another path with --socket");
        } catch (IOException e) {
            throw new CannotListenException(
                    "cannot lock " + file + ": " + e + "; make it accessible or choose another path with --socket");
        } finally {
            closeQuietly(channel);
        }
    }

    /** Gives the lock back. */
    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static void closeQuietly(@Nullable FileChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            System.getLogger(PathLock.class.getName()).log(System.Logger.Level.DEBUG, "lock file not closed", e);
        }
    }
}
