package org.circleosd.pluginmanager.nativeloader.program;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.nativeloader.plugin.LiveProcesses;
import org.jspecify.annotations.Nullable;

/**
 * A folder named after what is in it, shared by all daemons that have the same: none of them changes a file. Each leaves
 * a note of its own as long as it lives; a folder without a note of a living daemon is removed by the next that starts.
 */
final class ProgramFolder implements AutoCloseable {

    /** Executable for us, and for nobody else even readable. */
    static final String PROGRAM = "r-x------";
    /** Readable for us. */
    static final String DATA = "r--------";

    private static final System.Logger LOG = System.getLogger(ProgramFolder.class.getName());
    private static final String FOLDER = "rwx------";
    private static final String NOTES = "used-by";
    private static final String LOCK = "lock";

    /** The JVM takes an archive of classes only if the classes' file has the time that it had. */
    private static final FileTime TIME = FileTime.fromMillis(946_684_800_000L);

    private final Path folder;
    private final Path note;

    private ProgramFolder(Path folder, Path note) {
        this.folder = folder;
        this.note = note;
    }

    /**
     * Makes the folder, or finds it.
     *
     * @param parent is made if it is missing, mode 0700
     * @param name says what is inside
     */
    static ProgramFolder open(Path parent, String name) throws IOException {
        makePrivate(parent);
        Path folder = parent.resolve(name);
        Path notes = folder.resolve(NOTES);
        // Two instances of this bundle in one process are two users.
        Path note = notes.resolve(LiveProcesses.ownName() + "-" + UUID.randomUUID());
        try (FileChannel channel =
                        FileChannel.open(parent.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock lock = lock(channel)) {
            makePrivate(folder);
            makePrivate(notes);
            Files.createFile(note);
            if (lock != null) {
                removeUnused(parent);
            }
        }
        return new ProgramFolder(folder, note);
    }

    Path path() {
        return folder;
    }

    /**
     * Returns a file of the folder; it is written if it is missing.
     *
     * @param permissions as {@code rwx------}
     */
    Path file(String name, byte[] content, String permissions) throws IOException {
        Path file = folder.resolve(name);
        if (Files.exists(file) && Files.size(file) == content.length) {
            return file;
        }
        Path fresh = fresh(name);
        try {
            Files.write(fresh, content);
            Files.setLastModifiedTime(fresh, TIME);
            return publish(fresh, file, permissions);
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    /** Returns the path of a file that nobody has yet, for something that is given its name when it is complete. */
    Path fresh(String name) {
        return folder.resolve(name + "." + UUID.randomUUID() + ".new");
    }

    /** Gives a complete file its name. */
    static Path publish(Path fresh, Path file, String permissions) throws IOException {
        permit(fresh, permissions);
        return Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** Says that this user is gone; the files stay for the next one. */
    @Override
    public void close() throws IOException {
        Files.deleteIfExists(note);
    }

    private static void makePrivate(Path folder) throws IOException {
        Files.createDirectories(folder);
        if (!Files.isDirectory(folder, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(folder + " is not a directory");
        }
        permit(folder, FOLDER);
    }

    private static void permit(Path file, String permissions) throws IOException {
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            Set<PosixFilePermission> set = PosixFilePermissions.fromString(permissions);
            Files.setPosixFilePermissions(file, set);
        }
    }

    /** Returns null if another instance of this bundle, in this process, is at the same place now: it tidies up. */
    private static @Nullable FileLock lock(FileChannel channel) throws IOException {
        try {
            return channel.lock();
        } catch (OverlappingFileLockException e) {
            return null;
        }
    }

    private static void removeUnused(Path parent) throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, Files::isDirectory)) {
            for (Path folder : folders) {
                if (!isUsed(folder)) {
                    remove(folder);
                }
            }
        }
    }

    private static boolean isUsed(Path folder) throws IOException {
        Path notes = folder.resolve(NOTES);
        if (!Files.isDirectory(notes)) {
            return false;
        }
        boolean used = false;
        try (DirectoryStream<Path> found = Files.newDirectoryStream(notes)) {
            for (Path one : found) {
                if (LiveProcesses.isLive(String.valueOf(one.getFileName()))) {
                    used = true;
                } else {
                    Files.deleteIfExists(one);
                }
            }
        }
        return used;
    }

    /** What cannot be removed is left to the next start. */
    private static void remove(Path folder) {
        try (Stream<Path> tree = Files.walk(folder)) {
            List<Path> deepestFirst =
                    tree.sorted((one, other) -> other.compareTo(one)).toList();
            for (Path path : deepestFirst) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot remove {0}: {1}", folder, e.getMessage());
        }
    }
}
