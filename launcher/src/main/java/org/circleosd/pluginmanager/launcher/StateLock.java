package org.circleosd.pluginmanager.launcher;

import static java.nio.file.attribute.PosixFilePermission.GROUP_WRITE;
import static java.nio.file.attribute.PosixFilePermission.OTHERS_WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;

/** Holds a state directory for this process: two daemons on one directory would destroy it. */
final class StateLock {

    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    /** Never read: a channel that is collected lets go of its lock. */
    private static final Queue<FileChannel> HELD = new ConcurrentLinkedQueue<>();

    private StateLock() {}

    /**
     * Makes the directory, for its owner only, and takes its lock for the life of the process. The kernel lets go of it
     * however the process ends.
     *
     * @throws StartException if the directory cannot be used or another daemon has it
     */
    static void take(Path state) throws StartException {
        Path file = state.resolve("lock");
        try {
            makePrivate(state);
            FileChannel channel = FileChannel.open(
                    file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
            if (tryLock(channel) == null) {
                String owner = Files.readString(file, StandardCharsets.US_ASCII).strip();
                channel.close();
                throw new StartException(
                        "the daemon with pid " + owner + " uses the state directory " + state,
                        "stop it, or give this one another --state and --socket");
            }
            // Sockets and unpacked native libraries live here: this one is ours, so its mode is too.
            Path run = Files.createDirectories(state.resolve("run"));
            Files.setPosixFilePermissions(run, OWNER_ONLY);
            channel.truncate(0);
            channel.write(ByteBuffer.wrap((ProcessHandle.current().pid() + "\n").getBytes(StandardCharsets.US_ASCII)));
            HELD.add(channel);
        } catch (IOException e) {
            throw new StartException(
                    "the state directory " + state + " cannot be used: " + e,
                    "give one that you may write with --state");
        }
    }

    /** Makes a directory that nobody else may enter, or makes sure that nobody else may write an old one. */
    private static void makePrivate(Path directory) throws IOException, StartException {
        if (!Files.isDirectory(directory)) {
            Path parent = directory.getParent();
            if (parent != null) {
                Files.createDirectories(parent);
            }
            Files.createDirectory(directory, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
        }
        Set<PosixFilePermission> permissions = Files.getPosixFilePermissions(directory);
        if (permissions.contains(GROUP_WRITE) || permissions.contains(OTHERS_WRITE)) {
            throw new StartException(
                    "the state directory " + directory + " can be written by others", "run: chmod go-w " + directory);
        }
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }
}
