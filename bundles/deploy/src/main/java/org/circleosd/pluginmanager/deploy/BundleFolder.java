package org.circleosd.pluginmanager.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.osgi.framework.BundleException;

/**
 * Makes the installed bundles follow the jars of the bundles folder: of each symbolic name the newest jar runs. A higher
 * version, or other bytes in the same file, update the bundle; when the newest goes, the one before it comes back; when
 * the last one goes, so does the bundle. Not thread-safe.
 */
final class BundleFolder {

    private static final System.Logger LOG = System.getLogger(BundleFolder.class.getName());

    private final WatchedFolder folder;
    private final InstalledRecord record;
    private final InstalledBundles bundles;

    /** What the jars say of themselves, read once for each stamp; empty: no bundle, or not readable. */
    private final Map<Path, Reading> readings = new HashMap<>();
    /** Jars that could not be installed, as they were then. */
    private final Map<Path, FileStamp> refused = new HashMap<>();

    private record Reading(FileStamp stamp, Optional<BundleJar> jar) {}

    BundleFolder(WatchedFolder folder, InstalledRecord record, InstalledBundles bundles) {
        this.folder = folder;
        this.record = record;
        this.bundles = bundles;
    }

    /** Looks at the folder once and installs, updates and uninstalls what differs. */
    void pass() {
        Optional<WatchedFolder.Look> look = folder.look();
        if (look.isPresent()) {
            adjust(look.get());
        }
    }

    private void adjust(WatchedFolder.Look look) {
        readings.keySet().retainAll(look.present().keySet());
        refused.keySet().retainAll(look.present().keySet());
        Map<Path, BundleJar> usable = usable(look);
        Map<String, BundleJar> newest = BundleJar.newest(usable.values());
        Map<String, Path> installed = record.filesIn(folder.path());

        boolean changed = false;
        for (BundleJar jar : inOrder(newest)) {
            Path current = installed.get(jar.symbolicName());
            // The file in use is being written: which one is the newest is not known yet.
            boolean unsettled = current != null
                    && look.present().containsKey(current)
                    && !usable.containsKey(current)
                    && !refused.containsKey(current);
            if (!unsettled && !isInstalled(jar)) {
                changed |= apply(jar);
            }
        }
        for (Map.Entry<String, Path> entry : installed.entrySet()) {
            boolean gone = !look.present().containsKey(entry.getValue());
            if (gone && !newest.containsKey(entry.getKey())) {
                changed |= remove(entry.getKey());
            }
        }
        if (changed) {
            bundles.settle();
        }
    }

    private boolean isInstalled(BundleJar jar) {
        return record.identityOf(jar.symbolicName())
                .filter(jar.identity()::equals)
                .isPresent();
    }

    /** Returns the jars that could run: settled, readable, and not refused as they are. */
    private Map<Path, BundleJar> usable(WatchedFolder.Look look) {
        Map<Path, BundleJar> usable = new HashMap<>();
        look.settled().forEach((file, stamp) -> {
            boolean wasRefused = Objects.equals(refused.get(file), stamp);
            if (file.toString().endsWith(".jar") && !wasRefused) {
                refused.remove(file);
                read(file, stamp).ifPresent(jar -> usable.put(file, jar));
            }
        });
        return usable;
    }

    private Optional<BundleJar> read(Path file, FileStamp stamp) {
        Reading known = readings.get(file);
        if (known != null && known.stamp().equals(stamp)) {
            return known.jar();
        }
        Optional<BundleJar> jar = Optional.empty();
        try {
            jar = BundleJar.read(file, stamp);
            if (jar.isEmpty()) {
                LOG.log(System.Logger.Level.WARNING, "{0} has no Bundle-SymbolicName: it is no bundle", file);
            }
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} cannot be read as a jar; it is tried again when it changes: {1}",
                    file,
                    e.getMessage());
        }
        readings.put(file, new Reading(stamp, jar));
        return jar;
    }

    /** New bundles first, so that updated ones find what they import; our own last, since it ends this one. */
    private List<BundleJar> inOrder(Map<String, BundleJar> newest) {
        List<BundleJar> order = new ArrayList<>(newest.values());
        order.sort(Comparator.comparing((BundleJar jar) -> bundles.isOwn(jar.symbolicName()))
                .thenComparing(jar -> bundles.isInstalled(jar.symbolicName()))
                .thenComparing(BundleJar::symbolicName));
        return order;
    }

    private boolean apply(BundleJar jar) {
        try {
            byte[] content = Files.readAllBytes(jar.file());
            if (!FileStamp.of(jar.file()).equals(Optional.of(jar.stamp()))) {
                // Written to since it was looked at: next time.
                return false;
            }
            if (bundles.isOwn(jar.symbolicName())) {
                // The successor reads the record as soon as it starts, and would update itself again.
                record.put(jar);
                bundles.update(jar, content);
                return true;
            }
            // Without its line, a process that is killed half-way fills its cache anew at the next start.
            record.remove(jar.symbolicName());
            bundles.installOrUpdate(jar, content);
            record.put(jar);
            return true;
        } catch (IOException | BundleException e) {
            refused.put(jar.file(), jar.stamp());
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} does not become bundle {1}; it is tried again when it changes: {2}",
                    jar.file(),
                    jar.symbolicName(),
                    e.getMessage());
            return false;
        }
    }

    private boolean remove(String symbolicName) {
        try {
            record.remove(symbolicName);
            bundles.uninstall(symbolicName);
            return true;
        } catch (IOException | BundleException e) {
            LOG.log(System.Logger.Level.WARNING, "bundle {0} cannot be removed: {1}", symbolicName, e.getMessage());
            return false;
        }
    }
}
