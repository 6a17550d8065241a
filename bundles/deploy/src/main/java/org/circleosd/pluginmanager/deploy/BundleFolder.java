package org.circleosd.pluginmanager.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.circleosd.pluginmanager.api.Sha256;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/**
 * Makes the installed bundles follow the jars of the bundles folder: of each symbolic name the newest jar that comes up
 * runs. A higher version, or other bytes in the same file, update the bundle; when the newest goes, the one before it
 * comes back; when the last one goes, so does the bundle. Not thread-safe.
 */
final class BundleFolder {

    private static final System.Logger LOG = System.getLogger(BundleFolder.class.getName());

    private final WatchedFolder folder;
    private final InstalledRecord record;
    private final InstalledBundles bundles;
    private final KeptJars kept;
    private final BundlesLock lock;
    private final JarCandidates candidates;
    private final RejectedJars rejected;
    private final BundleTrials trials;
    private final BundleNews news;
    /** Whether this bundle was replaced: all that is left belongs to the successor. */
    private boolean handedOver;

    BundleFolder(
            WatchedFolder folder,
            InstalledRecord record,
            InstalledBundles bundles,
            KeptJars kept,
            BundlesLock lock,
            BundleTrials trials,
            BundleNews news) {
        this.folder = folder;
        this.record = record;
        this.bundles = bundles;
        this.kept = kept;
        this.lock = lock;
        this.candidates = new JarCandidates(folder.path(), kept, lock);
        this.rejected = new RejectedJars(candidates, record, bundles, kept, news);
        this.trials = trials;
        this.news = news;
    }

    /**
     * Looks at the folder once and installs, updates and uninstalls what differs.
     *
     * @param updated symbolic names of the bundles that others updated since the last look
     */
    void pass(Set<String> updated) {
        try {
            rejected.tellUndone();
            for (String name : updated) {
                judge(name);
            }
            Optional<WatchedFolder.Look> look = folder.look();
            if (look.isPresent()) {
                adjust(look.get());
            }
            if (handedOver) {
                return;
            }
            if (look.isPresent()) {
                rejected.forgetGone(look.get());
            }
            keepWhatIsUp();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, "what happens to bundles cannot be noted; it goes on", e);
        }
    }

    private void adjust(WatchedFolder.Look look) throws IOException {
        Map<Path, BundleJar> usable = candidates.in(look);
        Map<String, BundleJar> newest = BundleJar.newest(usable.values());
        Map<String, Path> installed = record.filesIn(folder.path());

        List<BundleJar> due = new ArrayList<>();
        for (BundleJar jar : inOrder(newest.values())) {
            Path current = installed.get(jar.symbolicName());
            if (!isInstalled(jar) && (current == null || !isOpen(current, jar, look, usable))) {
                due.add(jar);
            }
        }
        boolean changed = applyAll(due);
        rejected.tellDamaged();
        for (Map.Entry<String, Path> entry : installed.entrySet()) {
            boolean gone = !look.present().containsKey(entry.getValue()) && !lock.demands(entry.getValue());
            if (gone && !newest.containsKey(entry.getKey())) {
                changed |= remove(entry.getKey(), entry.getValue());
            }
        }
        if (changed) {
            bundles.settle();
        }
    }

    /** Says whether it is not known yet what becomes of the file in use, so that no other jar may take its place. */
    private boolean isOpen(Path current, BundleJar next, WatchedFolder.Look look, Map<Path, BundleJar> usable) {
        if (!look.present().containsKey(current)) {
            return lock.demands(current);
        }
        boolean standsIn = !next.file().startsWith(folder.path());
        return !usable.containsKey(current) && !candidates.isRefused(current) && !standsIn;
    }

    private boolean isInstalled(BundleJar jar) {
        return record.identityOf(jar.symbolicName())
                .filter(jar.identity()::equals)
                .isPresent();
    }

    /** New bundles first, so that updated ones find what they import; our own last, since it ends this one. */
    private List<BundleJar> inOrder(Collection<BundleJar> jars) {
        List<BundleJar> order = new ArrayList<>(jars);
        order.sort(Comparator.comparing((BundleJar jar) -> bundles.isOwn(jar.symbolicName()))
                .thenComparing(jar -> bundles.isInstalled(jar.symbolicName()))
                .thenComparing(BundleJar::symbolicName));
        return order;
    }

    private boolean applyAll(List<BundleJar> due) throws IOException {
        Map<BundleJar, String> failed = applyEach(due);
        if (!failed.isEmpty() && failed.size() < due.size()) {
            // What it needs may have come with the others.
            bundles.settle();
            failed = applyEach(failed.keySet());
        }
        for (Map.Entry<BundleJar, String> failure : failed.entrySet()) {
            rejected.add(failure.getKey(), failure.getValue());
        }
        return failed.size() < due.size();
    }

    /** Applies jars one after the other; returns those that did not come up, with the reasons. */
    private Map<BundleJar, String> applyEach(Collection<BundleJar> due) {
        Map<BundleJar, String> failed = new LinkedHashMap<>();
        for (BundleJar jar : due) {
            try {
                apply(jar).ifPresent(complaint -> failed.put(jar, complaint));
            } catch (IOException | BundleException e) {
                candidates.refuse(jar);
                LOG.log(
                        System.Logger.Level.WARNING,
                        "{0} does not become bundle {1}; it is tried again when it changes: {2}",
                        jar.file(),
                        jar.symbolicName(),
                        e.getMessage());
            }
            if (bundles.areStopping()) {
                return Map.of();
            }
        }
        return failed;
    }

    private Optional<String> apply(BundleJar jar) throws IOException, BundleException {
        byte[] content = Files.readAllBytes(jar.file());
        if (!Sha256.of(content).equals(jar.content())) {
            // Written to since it was looked at: next time.
            return Optional.empty();
        }
        Withheld before = kept.withheld().get(jar.content());
        if (before != null && before.standing() == Withheld.Standing.TRIED_AGAIN) {
            return Optional.of("the daemon ended twice while it was tried");
        }
        Optional<Bundle> bundle = bundles.find(jar.symbolicName());
        if (bundle.isEmpty() || !trials.isWorking(bundle.get())) {
            install(jar, content);
            return Optional.empty();
        }
        if (isWhatRuns(jar, bundle.get())) {
            record.put(jar);
            return Optional.empty();
        }
        if (bundles.isOwn(jar.symbolicName())) {
            handedOver = true;
            trials.replaceOwn(bundle.get(), jar, content);
            return Optional.empty();
        }
        Optional<String> complaint = trials.replace(bundle.get(), jar, content);
        if (complaint.isEmpty()) {
            news.upgraded(jar.symbolicName(), jar.version() + " of " + jar.file());
        }
        return complaint;
    }

    private void install(BundleJar jar, byte[] content) throws IOException, BundleException {
        kept.withhold(jar.content(), new Withheld(Withheld.Standing.WAITING, jar.symbolicName(), ""));
        record.remove(jar.symbolicName());
        bundles.install(jar, content);
        record.put(jar);
    }

    /** The kept jar stands in for a file that was overwritten before it was ever tried: the bundle has it already. */
    private boolean isWhatRuns(BundleJar jar, Bundle bundle) {
        return !jar.file().startsWith(folder.path())
                && bundle.getState() == Bundle.ACTIVE
                && kept.kept(jar.symbolicName())
                        .filter(copy -> copy.content().equals(jar.content()))
                        .isPresent();
    }

    private void judge(String name) throws IOException {
        Optional<Bundle> bundle = bundles.find(name);
        if (bundle.isEmpty() || bundles.isOwn(name) || !trials.canJudge(bundle.get())) {
            return;
        }
        String version = bundle.get().getVersion().toString();
        Optional<String> complaint = trials.judge(bundle.get());
        if (complaint.isEmpty()) {
            news.upgraded(name, version + " by hand");
        } else if (trials.canJudge(bundle.get())) {
            rejected.announce(name, version + " of an update by hand does not come up: " + complaint.get());
        }
    }

    private void keepWhatIsUp() throws IOException {
        for (String name : record.bundlesIn(folder.path(), kept.folder())) {
            String identity = record.identityOf(name).orElseThrow();
            if (trials.keepIfUp(name, identity) && bundles.isOwn(name)) {
                news.upgraded(name, "this version of " + BundleJar.fileOf(identity));
            }
        }
    }

    private boolean remove(String symbolicName, Path last) {
        try {
            record.remove(symbolicName);
            trials.forget(symbolicName);
            bundles.uninstall(symbolicName, last);
            return true;
        } catch (IOException | BundleException e) {
            LOG.log(System.Logger.Level.WARNING, "bundle {0} cannot be removed: {1}", symbolicName, e.getMessage());
            return false;
        }
    }
}
