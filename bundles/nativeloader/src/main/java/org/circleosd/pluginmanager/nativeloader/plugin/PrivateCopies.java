package org.circleosd.pluginmanager.nativeloader.plugin;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Set;
import java.util.UUID;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * A private directory of library copies, a fresh one for each load: the system's loader takes the same file, or a file
 * of a name that it has seen, for the same library and would share its state. Names begin with the process that owns
 * them, so that those of a process that died can be told and removed.
 */
public final class PrivateCopies {

    private static final System.Logger LOG = System.getLogger(PrivateCopies.class.getName());
    private static final Set<PosixFilePermission> OWNER_ONLY = EnumSet.of(
            PosixFilePermission.OWNER_READ, PosixFilePermission.OWNER_WRITE, PosixFilePermission.OWNER_EXECUTE);

    private final Path directory;
    private final String owner;

    private PrivateCopies(Path directory, String owner) {
        this.directory = directory;
        this.owner = owner;
    }

    /**
     * Makes the directory, mode 0700, and removes what dead processes left there.
     *
     * @throws IOException if it cannot be made or is not a directory of ours
     */
    public static PrivateCopies in(Path directory) throws IOException {
        Files.createDirectories(directory);
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            throw new IOException(directory + " is not a directory");
        }
        if (FileSystems.getDefault().supportedFileAttributeViews().contains("posix")) {
            Files.setPosixFilePermissions(directory, OWNER_ONLY);
        }
        PrivateCopies copies = new PrivateCopies(directory, LiveProcesses.ownName());
        copies.removeStale();
        return copies;
    }

    /** Returns the path of a file that belongs to this process; the same for every instance of this bundle. */
    public Path ofProcess(String name) {
        return directory.resolve(owner + "-" + name);
    }

    /** Makes an empty folder. The caller removes it, with {@link #removeFolder}. */
    public Path folder() throws IOException {
        return Files.createDirectory(directory.resolve(owner + "-" + UUID.randomUUID()));
    }

    /** Copies a library into a folder, under a name that was never used before. The caller removes the copy. */
    public static Path copyInto(Path folder, Path library) throws IOException {
        return Files.copy(library, folder.resolve(UUID.randomUUID() + NativeLibraryNames.suffix()));
    }

    /** Removes a folder and the files in it; what cannot be removed is left to the next start. */
    public static void removeFolder(Path folder) {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            files.forEach(PrivateCopies::remove);
        } catch (NoSuchFileException e) {
            return;
        } catch (IOException | DirectoryIteratorException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot empty {0}: {1}", folder, e.getMessage());
        }
        remove(folder);
    }

    /** Copies a library. The caller removes the copy. */
    public Path copy(Path library) {
        Path copy = directory.resolve(owner + "-" + UUID.randomUUID() + NativeLibraryNames.suffix());
        try (OutputStream out = Files.newOutputStream(copy)) {
            Files.copy(library, out);
            return copy;
        } catch (IOException e) {
            remove(copy);
            throw new PluginException(
                    ErrorCode.UNAVAILABLE, "cannot copy the library to " + directory + ": " + e.getMessage());
        }
    }

    /** Removes a copy; one that cannot be removed is left to the next start. */
    public static void remove(Path copy) {
        try {
            Files.deleteIfExists(copy);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "cannot remove {0}: {1}", copy, e.getMessage());
        }
    }

    private void removeStale() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(directory)) {
            for (Path file : files) {
                if (!LiveProcesses.isLive(String.valueOf(file.getFileName()))) {
                    if (Files.isDirectory(file, LinkOption.NOFOLLOW_LINKS)) {
                        removeFolder(file);
                    } else {
                        remove(file);
                    }
                }
            }
        }
    }
}
