package org.circleosd.pluginmanager.deploy;

import java.io.IOException;
import java.io.Reader;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import org.circleosd.pluginmanager.api.Sha256;

/**
 * The jar that came up last of each bundle, kept for the way back, and the jars that may not run at a start. What it
 * says is on disk before it returns. The launcher reads the same files, and changes them where a start or this very
 * bundle is concerned, so that each question reads them. Not thread-safe.
 */
final class KeptJars {

    private static final System.Logger LOG = System.getLogger(KeptJars.class.getName());

    private static final String KEPT = "kept.";
    private static final String WITHHELD = "withheld.";
    private static final String UNDONE = "undone.";

    private final Path folder;
    private final Path record;
    /** The record as it was read last, and the stamp that it had. */
    private Properties known = new Properties();

    private Optional<FileStamp> stamp = Optional.empty();

    /**
     * A jar that came up.
     *
     * @param content digest of the copy's bytes
     * @param copy the file that is kept
     * @param origin {@link BundleJar#identity} of the file that it was copied from
     */
    record Kept(Sha256 content, Path copy, String origin) {

        /** Returns the file that it was copied from. */
        Path originFile() {
            return BundleJar.fileOf(origin);
        }
    }

    /** Takes the folder, which need not exist. */
    KeptJars(Path folder) {
        this.folder = folder;
        this.record = folder.resolve("record");
    }

    /** Returns where the copies are. */
    Path folder() {
        return folder;
    }

    /** Returns the jar of a bundle that came up last. */
    Optional<Kept> kept(String bundle) {
        return Optional.ofNullable(read().getProperty(KEPT + bundle)).map(line -> kept(bundle, line));
    }

    /** Returns the kept jars by the bundles' symbolic names. */
    Map<String, Kept> kept() {
        Properties lines = read();
        Map<String, Kept> kept = new HashMap<>();
        for (String key : lines.stringPropertyNames()) {
            if (key.startsWith(KEPT)) {
                String bundle = key.substring(KEPT.length());
                kept.put(bundle, kept(bundle, lines.getProperty(key)));
            }
        }
        return kept;
    }

    /** Returns the jars that may not run at a start, by the digests of their bytes. */
    Map<Sha256, Withheld> withheld() {
        Properties lines = read();
        Map<Sha256, Withheld> withheld = new HashMap<>();
        for (String key : lines.stringPropertyNames()) {
            if (key.startsWith(WITHHELD)) {
                withheld.put(new Sha256(key.substring(WITHHELD.length())), Withheld.parse(lines.getProperty(key)));
            }
        }
        return withheld;
    }

    /**
     * Reads a kept jar.
     *
     * @throws IOException if it cannot be read or was changed by somebody
     */
    byte[] read(Kept kept) throws IOException {
        byte[] content = Files.readAllBytes(kept.copy());
        if (!Sha256.of(content).equals(kept.content())) {
            throw new IOException(kept.copy() + " was changed since it was kept");
        }
        return content;
    }

    /** Keeps a jar that came up in the place of the one before it. It is no longer withheld. */
    void keep(String bundle, byte[] content, FileTime modified, String origin) throws IOException {
        Files.createDirectories(folder);
        Sha256 digest = Sha256.of(content);
        Path copy = copy(bundle, digest);
        write(copy, content);
        // Among files of one version the one that changed last goes first: a copy is as old as what it was made of.
        Files.setLastModifiedTime(copy, modified);
        Properties lines = read();
        lines.setProperty(KEPT + bundle, digest + " " + origin);
        lines.remove(WITHHELD + digest);
        save(lines);
        sweep(lines);
    }

    /** Keeps no jar of a bundle any more: it was removed. */
    void forget(String bundle) throws IOException {
        Properties lines = read();
        if (lines.remove(KEPT + bundle) != null) {
            save(lines);
            sweep(lines);
        }
    }

    /** Notes what is wrong with a jar, or that it is about to be tried. */
    void withhold(Sha256 jar, Withheld why) throws IOException {
        Properties lines = read();
        lines.setProperty(WITHHELD + jar, why.format());
        save(lines);
    }

    /** Forgets what was wrong with a jar. */
    void release(Sha256 jar) throws IOException {
        Properties lines = read();
        if (lines.remove(WITHHELD + jar) != null) {
            save(lines);
        }
    }

    /** Returns what the launcher undid while nobody could be told, as reasons by symbolic names, and forgets it. */
    Map<String, String> takeUndone() throws IOException {
        Properties lines = read();
        Map<String, String> undone = new HashMap<>();
        for (String key : lines.stringPropertyNames()) {
            if (key.startsWith(UNDONE)) {
                undone.put(key.substring(UNDONE.length()), lines.getProperty(key));
                lines.remove(key);
            }
        }
        if (!undone.isEmpty()) {
            save(lines);
        }
        return undone;
    }

    private Kept kept(String bundle, String line) {
        String[] words = line.split(" ", 2);
        Sha256 content = new Sha256(words[0]);
        return new Kept(content, copy(bundle, content), words[1]);
    }

    /** Of its own name, so that the record never points to another content than it says. */
    private Path copy(String bundle, Sha256 content) {
        return folder.resolve(bundle + "-" + content.hex().substring(0, 16) + ".jar");
    }

    /** Returns a copy that may be changed and saved. */
    private Properties read() {
        Optional<FileStamp> now = FileStamp.of(record);
        if (!now.equals(stamp)) {
            known = load();
            stamp = now;
        }
        return (Properties) known.clone();
    }

    private Properties load() {
        Properties lines = new Properties();
        if (Files.exists(record)) {
            try (Reader in = Files.newBufferedReader(record, StandardCharsets.UTF_8)) {
                lines.load(in);
            } catch (IOException | IllegalArgumentException e) {
                lines.clear();
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0} is damaged; the jars that run are kept anew, and those that did not come up are tried again: {1}",
                        record,
                        e);
            }
        }
        return lines;
    }

    private void save(Properties lines) throws IOException {
        Files.createDirectories(folder);
        StringWriter text = new StringWriter();
        lines.store(text, "jars that came up last, and jars that did not come up");
        write(record, text.toString().getBytes(StandardCharsets.UTF_8));
        known = lines;
        stamp = FileStamp.of(record);
    }

    private void write(Path file, byte[] content) throws IOException {
        Path fresh = folder.resolve(file.getFileName() + ".new");
        try (FileChannel channel = FileChannel.open(
                fresh, StandardOpenOption.CREATE, StandardOpenOption.TRUNCATE_EXISTING, StandardOpenOption.WRITE)) {
            ByteBuffer bytes = ByteBuffer.wrap(content);
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(true);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
        try (FileChannel directory = FileChannel.open(folder)) {
            directory.force(true);
        }
    }

    /** Deletes the copies that the record does not name. */
    private void sweep(Properties lines) throws IOException {
        Set<Path> named = new HashSet<>();
        for (String key : lines.stringPropertyNames()) {
            if (key.startsWith(KEPT)) {
                named.add(kept(key.substring(KEPT.length()), lines.getProperty(key))
                        .copy());
            }
        }
        try (DirectoryStream<Path> copies = Files.newDirectoryStream(folder, "*.jar")) {
            for (Path copy : copies) {
                if (!named.contains(copy)) {
                    Files.delete(copy);
                }
            }
        }
    }
}
