package org.circleosd.pluginmanager.deploy;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.TreeMap;
import org.circleosd.pluginmanager.api.Sha256;

/**
 * Remembers which plugin files were dealt with, across restarts: a file that is still as it was needs nothing, also if a
 * client unloaded its plugin since. Thread-safe.
 */
final class DeployedRecord {

    private static final System.Logger LOG = System.getLogger(DeployedRecord.class.getName());

    /**
     * A file as it was when it was dealt with.
     *
     * @param stamps of the files; while they are the same, nothing is read
     * @param contents of the files; while they are the same, nothing is loaded
     */
    record Handled(String stamps, PluginFile.Digests contents) {}

    private final Path file;
    private final Map<Path, Handled> handled = new TreeMap<>();
    private boolean closed;

    /** Reads the record; a missing or damaged one is empty, and costs no more than looking at each file anew. */
    DeployedRecord(Path file) {
        this.file = file;
        if (!Files.exists(file)) {
            return;
        }
        Properties lines = new Properties();
        try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
            lines.load(in);
            lines.forEach((path, value) -> handled.put(Path.of((String) path), parse((String) value)));
        } catch (IOException | IllegalArgumentException e) {
            handled.clear();
            LOG.log(System.Logger.Level.WARNING, "{0} is damaged; all plugin files are looked at anew: {1}", file, e);
        }
    }

    synchronized Optional<Handled> get(Path plugin) {
        return Optional.ofNullable(handled.get(plugin));
    }

    /** Returns the files that were dealt with; a snapshot. */
    synchronized List<Path> files() {
        return List.copyOf(handled.keySet());
    }

    synchronized void put(Path plugin, Handled as) {
        handled.put(plugin, as);
        save();
    }

    synchronized void remove(Path plugin) {
        if (handled.remove(plugin) != null) {
            save();
        }
    }

    /** Writes no more: the file belongs to a successor. */
    synchronized void close() {
        closed = true;
    }

    private void save() {
        if (closed) {
            return;
        }
        Properties lines = new Properties();
        handled.forEach((path, as) -> lines.setProperty(path.toString(), format(as)));
        Path fresh = file.resolveSibling(file.getFileName() + ".new");
        try {
            try (Writer out = Files.newBufferedWriter(fresh, StandardCharsets.UTF_8)) {
                lines.store(out, "plugin files of the drop folder that were dealt with");
            }
            try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
                channel.force(true);
            }
            Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} cannot be written; after a restart all plugin files are looked at anew: {1}",
                    file,
                    e);
        }
    }

    private static String format(Handled as) {
        return as.contents().plugin() + " " + as.contents().manifest() + " " + as.stamps();
    }

    private static Handled parse(String value) {
        String[] words = value.split(" ", 3);
        if (words.length != 3) {
            throw new IllegalArgumentException("not three words: " + value);
        }
        return new Handled(words[2], new PluginFile.Digests(new Sha256(words[0]), words[1]));
    }
}
