package org.circleosd.pluginmanager.deploy;

import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** A folder that is looked at again and again. Not thread-safe. */
final class WatchedFolder {

    private static final System.Logger LOG = System.getLogger(WatchedFolder.class.getName());

    private final Path folder;
    private @Nullable Map<Path, FileStamp> previous;
    private boolean missing;

    WatchedFolder(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
    }

    Path path() {
        return folder;
    }

    /**
     * What is in the folder.
     *
     * @param present all regular files; names that start with a dot belong to programs that are still writing
     * @param settled those of them that did not change since the look before; at the first look all, so that a start
     *     does not wait
     */
    record Look(Map<Path, FileStamp> present, Map<Path, FileStamp> settled) {}

    /** Looks at the folder; empty if it cannot be listed: that does not mean that all its files are gone. */
    Optional<Look> look() {
        Map<Path, FileStamp> present = new TreeMap<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(
                folder, file -> !file.getFileName().toString().startsWith("."))) {
            for (Path file : files) {
                FileStamp.of(file).ifPresent(stamp -> present.put(file, stamp));
            }
        } catch (IOException | DirectoryIteratorException e) {
            if (!missing) {
                LOG.log(System.Logger.Level.WARNING, "{0} cannot be listed; what came from it stays: {1}", folder, e);
            }
            missing = true;
            return Optional.empty();
        }
        missing = false;
        Map<Path, FileStamp> before = previous == null ? present : previous;
        Map<Path, FileStamp> settled = new TreeMap<>(present);
        settled.entrySet().removeIf(entry -> !entry.getValue().equals(before.get(entry.getKey())));
        previous = present;
        return Optional.of(new Look(present, settled));
    }
}
