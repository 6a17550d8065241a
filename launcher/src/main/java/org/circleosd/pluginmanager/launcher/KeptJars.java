package org.circleosd.pluginmanager.launcher;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The jar that came up last of each bundle, and the jars that did not come up. The {@code deploy} bundle writes this
 * record while the daemon runs, each step before it is taken, and keeps to the same rules.
 */
final class KeptJars {

    private static final System.Logger LOG = System.getLogger(KeptJars.class.getName());

    private static final String KEPT = "kept.";
    private static final String WITHHELD = "withheld.";
    private static final String UNDONE = "undone.";

    private final Path folder;
    private final Path record;

    /**
     * A jar that came up.
     *
     * @param content digest of its bytes
     * @param copy the file that is kept
     * @param origin stamp and path of the file that it was copied from, as in {@link InstalledRecord}
     */
    record Kept(String content, Path copy, String origin) {

        Path originFile() {
            return Path.of(origin.replaceFirst("^\\S+ \\S+ ", ""));
        }

        /** Reads the copy, which must be what it was. */
        byte[] read() throws IOException {
            byte[] bytes = Files.readAllBytes(copy);
            if (!FileDigest.of(bytes).equals(content)) {
                throw new IOException(copy + " was changed since it was kept");
            }
            return bytes;
        }
    }

    /** Takes the daemon's state directory. */
    KeptJars(Path state) {
        folder = state.resolve("bundles");
        record = folder.resolve("record");
    }

    Optional<Kept> kept(String bundle) throws IOException {
        return Optional.ofNullable(read().getProperty(KEPT + bundle)).map(line -> kept(bundle, line));
    }

    /**
     * Leaves out the jars that did not come up, and adds what was kept in their place.
     *
     * @param found the bundles in the bundles folder
     */
    List<BundleJar> replaceBroken(Collection<BundleJar> found, Path bundles) throws IOException {
        Properties lines = read();
        Set<String> failed = new HashSet<>();
        for (String key : lines.stringPropertyNames()) {
            if (key.startsWith(WITHHELD)) {
                failed.add(lines.getProperty(key).split(" ", 3)[1]);
            }
        }
        List<BundleJar> usable = new ArrayList<>();
        for (BundleJar jar : found) {
            String why = failed.contains(jar.symbolicName())
                    ? lines.getProperty(WITHHELD + FileDigest.of(jar.file()))
                    : null;
            if (why == null) {
                usable.add(jar);
            } else {
                LOG.log(System.Logger.Level.INFO, "{0} is not started: it has not come up yet", jar.file());
            }
        }
        Set<Path> files = usable.stream().map(BundleJar::file).collect(Collectors.toSet());
        Set<String> present = usable.stream().map(BundleJar::symbolicName).collect(Collectors.toSet());
        for (String key : lines.stringPropertyNames()) {
            if (!key.startsWith(KEPT)) {
                continue;
            }
            String bundle = key.substring(KEPT.length());
            Kept kept = kept(bundle, lines.getProperty(key));
            Path origin = kept.originFile();
            boolean overwritten = bundles.equals(origin.getParent()) && Files.exists(origin) && !files.contains(origin);
            boolean leftAlone = !present.contains(bundle) && failed.contains(bundle) && !Files.exists(origin);
            if (overwritten || leftAlone) {
                add(kept, bundle, usable);
            }
        }
        return usable;
    }

    /** Notes that a bundle was put back, so that what was tried is not tried again and the event can still be made. */
    void undo(String bundle, String reason) throws IOException {
        Properties lines = read();
        for (String key : lines.stringPropertyNames()) {
            String[] words = lines.getProperty(key).split(" ", 3);
            boolean tried = key.startsWith(WITHHELD) && words[0].startsWith("tried") && words[1].equals(bundle);
            if (tried) {
                lines.setProperty(key, "bad " + bundle + " " + reason);
            }
        }
        lines.setProperty(UNDONE + bundle, reason);
        Path fresh = folder.resolve("record.new");
        try (Writer out = Files.newBufferedWriter(fresh, StandardCharsets.UTF_8)) {
            lines.store(out, null);
        }
        try (FileChannel channel = FileChannel.open(fresh, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
        Files.move(fresh, record, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Says where the jars are that came up before these did not; empty if none is kept. */
    String hint(Collection<BundleJar> broken) {
        StringBuilder hint = new StringBuilder();
        for (BundleJar jar : broken) {
            try {
                Optional<Kept> before = kept(jar.symbolicName());
                if (before.isPresent() && !before.get().content().equals(FileDigest.of(jar.file()))) {
                    hint.append("; the jar of ")
                            .append(jar.symbolicName())
                            .append(" that came up last is kept as ")
                            .append(before.get().copy());
                }
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "there is no hint for {0}: {1}", jar.file(), e);
            }
        }
        return hint.toString();
    }

    private static void add(Kept kept, String bundle, List<BundleJar> usable) {
        try {
            kept.read();
            BundleJar.read(kept.copy()).ifPresent(usable::add);
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} is started from the jar that came up last, {1}, in the place of {2}",
                    bundle,
                    kept.copy(),
                    kept.originFile());
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "{0} cannot stand in: {1}", kept.copy(), e.toString());
        }
    }

    private Kept kept(String bundle, String line) {
        String[] words = line.split(" ", 2);
        return new Kept(words[0], folder.resolve(bundle + "-" + words[0].substring(0, 16) + ".jar"), words[1]);
    }

    private Properties read() throws IOException {
        Properties lines = new Properties();
        if (Files.exists(record)) {
            try (Reader in = Files.newBufferedReader(record, StandardCharsets.UTF_8)) {
                lines.load(in);
            } catch (IllegalArgumentException e) {
                // Damaged: as good as none, the deploy bundle makes it anew.
                lines.clear();
            }
        }
        return lines;
    }
}
