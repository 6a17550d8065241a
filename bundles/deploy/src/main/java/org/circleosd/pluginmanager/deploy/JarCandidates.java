package org.circleosd.pluginmanager.deploy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.Sha256;

/**
 * The jars that could run: those of the bundles folder, but for the ones that are no bundles, that the lock does not
 * list or that did not come up; and the kept jar of a bundle whose file was overwritten by one of these. The launcher
 * keeps to the same rules at a start. Not thread-safe.
 */
final class JarCandidates {

    private static final System.Logger LOG = System.getLogger(JarCandidates.class.getName());

    private final Path folder;
    private final KeptJars kept;
    private final BundlesLock lock;

    /** What the jars say of themselves, read once for each stamp. */
    private final Map<Path, Reading> readings = new HashMap<>();
    /** Jars that could not be installed, as they were then. */
    private final Map<Path, FileStamp> refused = new HashMap<>();
    /** Jars of which was said that they do not run, as they were then, so that it is said once. */
    private final Map<Path, FileStamp> said = new HashMap<>();

    /**
     * A jar as it was read.
     *
     * @param jar empty: it is no bundle, or not readable
     * @param damage empty: it is readable
     */
    private record Reading(FileStamp stamp, Optional<BundleJar> jar, Optional<Damage> damage) {

        Stream<Sha256> content() {
            return Stream.concat(jar.map(BundleJar::content).stream(), damage.map(Damage::content).stream());
        }
    }

    /**
     * A file that cannot be read as a jar.
     *
     * @param content digest of its path and bytes: two files may be damaged in the same way
     * @param reason why
     */
    record Damage(Sha256 content, String reason) {}

    JarCandidates(Path folder, KeptJars kept, BundlesLock lock) {
        this.folder = folder;
        this.kept = kept;
        this.lock = lock;
    }

    /** Returns the jars that could run, by file. */
    Map<Path, BundleJar> in(WatchedFolder.Look look) {
        for (Map<Path, ?> known : List.of(readings, refused, said)) {
            known.keySet().retainAll(look.present().keySet());
        }
        Map<Sha256, Withheld> withheld = kept.withheld();
        Map<Path, BundleJar> usable = new HashMap<>();
        look.settled().forEach((file, stamp) -> {
            if (!file.toString().endsWith(".jar") || Objects.equals(refused.get(file), stamp)) {
                return;
            }
            refused.remove(file);
            read(file, stamp).jar().filter(jar -> mayRun(jar, withheld)).ifPresent(jar -> usable.put(file, jar));
        });
        addKept(look, usable, withheld);
        return usable;
    }

    /** Leaves a jar out until it changes. */
    void refuse(BundleJar jar) {
        refused.put(jar.file(), jar.stamp());
    }

    /** Takes a jar for one that does not run and of which enough was said. */
    void noteRejected(BundleJar jar) {
        said.put(jar.file(), jar.stamp());
    }

    boolean isRefused(Path file) {
        return refused.containsKey(file);
    }

    /** Returns what is wrong with a file that cannot be read as a jar; empty if it can, or is not known. */
    Optional<Damage> damage(Path file) {
        return Optional.ofNullable(readings.get(file)).flatMap(Reading::damage);
    }

    /** Returns the contents of the files that were read last. */
    Set<Sha256> contents() {
        return readings.values().stream().flatMap(Reading::content).collect(Collectors.toSet());
    }

    private Reading read(Path file, FileStamp stamp) {
        Reading known = readings.get(file);
        if (known != null && known.stamp().equals(stamp)) {
            return known;
        }
        Reading reading;
        try {
            reading = new Reading(stamp, BundleJar.read(file, stamp), Optional.empty());
            if (reading.jar().isEmpty()) {
                LOG.log(System.Logger.Level.WARNING, "{0} has no Bundle-SymbolicName: it is no bundle", file);
            }
        } catch (IOException e) {
            reading = new Reading(stamp, Optional.empty(), damage(file, e));
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} cannot be read as a jar; it is tried again when it changes: {1}",
                    file,
                    e.getMessage());
        }
        readings.put(file, reading);
        return reading;
    }

    private static Optional<Damage> damage(Path file, IOException reason) {
        try {
            ByteArrayOutputStream content = new ByteArrayOutputStream();
            content.writeBytes((file + "\n").getBytes(StandardCharsets.UTF_8));
            content.writeBytes(Files.readAllBytes(file));
            return Optional.of(new Damage(Sha256.of(content.toByteArray()), Failures.lastCause(reason)));
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "{0} cannot be read at all: {1}", file, e);
            return Optional.empty();
        }
    }

    private boolean mayRun(BundleJar jar, Map<Sha256, Withheld> withheld) {
        if (!lock.allows(jar.content())) {
            say(
                    System.Logger.Level.WARNING,
                    jar,
                    jar.file() + " is not in " + lock.file()
                            + " and does not run; accept it with plugin-manager --lock");
            return false;
        }
        Withheld why = withheld.get(jar.content());
        if (why == null || why.standing() != Withheld.Standing.BAD) {
            said.remove(jar.file());
            return true;
        }
        say(
                System.Logger.Level.INFO,
                jar,
                jar.file() + " is not tried: this content did not come up before (" + why.reason()
                        + "); it is tried again when it changes, or goes and comes back");
        return false;
    }

    private void say(System.Logger.Level level, BundleJar jar, String text) {
        if (!jar.stamp().equals(said.put(jar.file(), jar.stamp()))) {
            LOG.log(level, text);
        }
    }

    private void addKept(WatchedFolder.Look look, Map<Path, BundleJar> usable, Map<Sha256, Withheld> withheld) {
        Set<String> present =
                usable.values().stream().map(BundleJar::symbolicName).collect(Collectors.toSet());
        Set<String> failed = withheld.values().stream().map(Withheld::bundle).collect(Collectors.toSet());
        kept.kept().forEach((bundle, jar) -> {
            Path origin = jar.originFile();
            boolean overwritten = folder.equals(origin.getParent())
                    && look.settled().containsKey(origin)
                    && !usable.containsKey(origin);
            boolean leftAlone = !present.contains(bundle)
                    && failed.contains(bundle)
                    && !look.present().containsKey(origin);
            if (overwritten || leftAlone) {
                readKept(jar).ifPresent(candidate -> usable.put(candidate.file(), candidate));
            }
        });
    }

    private static Optional<BundleJar> readKept(KeptJars.Kept jar) {
        try {
            Optional<FileStamp> stamp = FileStamp.of(jar.copy());
            return stamp.isPresent() ? BundleJar.read(jar.copy(), stamp.get()) : Optional.empty();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "{0} cannot be read as a jar: {1}", jar.copy(), e.getMessage());
            return Optional.empty();
        }
    }
}
