package org.circleosd.pluginmanager.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.circleosd.pluginmanager.api.Sha256;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;

/**
 * Puts other jars into bundles that run, and the jar before back where the new one does not come up. Each step is on
 * disk before the next, so that the launcher never starts a jar that did not come up. Not thread-safe.
 */
final class BundleTrials {

    private static final System.Logger LOG = System.getLogger(BundleTrials.class.getName());

    /** Declarative Services announce changes of components seconds later: they are asked again and again. */
    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final InstalledBundles bundles;
    private final InstalledRecord record;
    private final KeptJars kept;
    private final BundleHealth health;
    private final Duration bound;
    /** What works of each bundle that came up, by symbolic name. */
    private final Map<String, BundleHealth.Working> working = new HashMap<>();

    BundleTrials(InstalledBundles bundles, InstalledRecord record, KeptJars kept, BundleHealth health, Duration bound) {
        this.bundles = bundles;
        this.record = record;
        this.kept = kept;
        this.health = health;
        this.bound = bound;
    }

    /** Says whether there is something to go back to: the bundle works, or once did. */
    boolean isWorking(Bundle bundle) {
        return kept.kept(bundle.getSymbolicName()).isPresent()
                || health.complaint(bundle, BundleHealth.Working.NOTHING).isEmpty();
    }

    /**
     * Has a bundle run a jar.
     *
     * @return why the jar does not come up, in which case the one before runs again; empty if it came up
     * @throws IOException if that cannot be noted; nothing was changed
     */
    Optional<String> replace(Bundle bundle, BundleJar jar, byte[] content) throws IOException {
        String name = jar.symbolicName();
        KeptJars.Kept before = keepWhatRuns(bundle);
        String identity = record.identityOf(name).orElse(before.origin());
        BundleHealth.Working expected =
                working.getOrDefault(name, BundleHealth.Working.NOTHING).and(health.working(bundle));
        kept.withhold(jar.content(), new Withheld(nextTry(jar.content()), name, ""));
        // Without its line, a process that is killed half-way fills its cache anew at the next start.
        record.remove(name);

        long start = System.nanoTime();
        Optional<String> complaint = update(bundle, content, expected);
        if (complaint.isEmpty()) {
            kept.keep(name, content, jar.stamp().modified(), jar.identity());
            record.put(jar);
            working.put(name, health.working(bundle));
            LOG.log(
                    System.Logger.Level.INFO,
                    "updated bundle {0} to {1} of {2} in {3} ms",
                    name,
                    jar.version(),
                    jar.file(),
                    (System.nanoTime() - start) / 1_000_000);
        } else if (!bundles.areStopping()) {
            restore(bundle, before, identity, expected);
        }
        return complaint;
    }

    /**
     * Has the bundle that this code is in run a jar. The launcher is the one who looks whether it comes up: nothing of
     * this bundle is left to do so.
     */
    void replaceOwn(Bundle bundle, BundleJar jar, byte[] content) throws IOException, BundleException {
        keepWhatRuns(bundle);
        kept.withhold(jar.content(), new Withheld(nextTry(jar.content()), jar.symbolicName(), ""));
        // The successor reads the record as soon as it starts, and would update itself again.
        record.put(jar);
        long start = System.nanoTime();
        bundles.update(bundle, content);
        LOG.log(
                System.Logger.Level.INFO,
                "updated bundle {0} to {1} of {2} in {3} ms",
                jar.symbolicName(),
                jar.version(),
                jar.file(),
                (System.nanoTime() - start) / 1_000_000);
    }

    /** Says whether there is a jar to go back to, and somebody wants the bundle to run. */
    boolean canJudge(Bundle bundle) {
        return kept.kept(bundle.getSymbolicName()).isPresent()
                && bundles.isMeantToRun(bundle)
                && !bundles.areStopping();
    }

    /**
     * Judges a bundle that somebody else updated.
     *
     * @return why what it got does not come up, in which case the jar before runs again, unless somebody stopped the
     *     bundle meanwhile; empty if it came up
     */
    Optional<String> judge(Bundle bundle) throws IOException {
        String name = bundle.getSymbolicName();
        KeptJars.Kept before = kept.kept(name).orElseThrow();
        BundleHealth.Working expected = working.getOrDefault(name, BundleHealth.Working.NOTHING);
        Optional<String> complaint = await(bundle, expected);
        if (complaint.isEmpty()) {
            kept.keep(name, BundleContents.jar(bundle), modified(before.originFile()), before.origin());
            working.put(name, health.working(bundle));
        } else if (canJudge(bundle)) {
            restore(bundle, before, record.identityOf(name).orElse(before.origin()), expected);
        }
        return complaint;
    }

    /**
     * Keeps the jar of a bundle that came up by itself, as all do at a start.
     *
     * @return whether it came up just now, of a jar that could not be trusted before
     */
    boolean keepIfUp(String name, String identity) throws IOException {
        Optional<Bundle> bundle = bundles.find(name);
        if ((working.containsKey(name) && isKept(name, identity))
                || bundle.isEmpty()
                || health.complaint(bundle.get(), BundleHealth.Working.NOTHING).isPresent()) {
            return false;
        }
        working.put(name, health.working(bundle.get()));
        if (isKept(name, identity)) {
            return false;
        }
        Map<Sha256, Withheld> withheld = kept.withheld();
        return withheld.containsKey(keep(bundle.get(), identity).content());
    }

    void forget(String name) throws IOException {
        working.remove(name);
        kept.forget(name);
    }

    private boolean isKept(String name, String identity) {
        return kept.kept(name)
                .filter(jar -> jar.origin().equals(identity) || jar.copy().equals(BundleJar.fileOf(identity)))
                .isPresent();
    }

    private KeptJars.Kept keepWhatRuns(Bundle bundle) throws IOException {
        String name = bundle.getSymbolicName();
        Optional<KeptJars.Kept> before = kept.kept(name);
        Optional<String> identity = record.identityOf(name);
        if (before.isPresent() && (identity.isEmpty() || isKept(name, identity.get()))) {
            return before.get();
        }
        return keep(bundle, identity.orElse("0 " + FileTime.fromMillis(0) + " " + name));
    }

    /** Takes the file, if it still is what the bundle was made of, else what the framework has. */
    private KeptJars.Kept keep(Bundle bundle, String identity) throws IOException {
        String name = bundle.getSymbolicName();
        Path file = BundleJar.fileOf(identity);
        byte[] content = isIntact(identity) ? Files.readAllBytes(file) : BundleContents.jar(bundle);
        kept.keep(name, content, modified(file), identity);
        return kept.kept(name).orElseThrow();
    }

    private Withheld.Standing nextTry(Sha256 jar) {
        Withheld before = kept.withheld().get(jar);
        return before != null && before.standing() == Withheld.Standing.TRIED
                ? Withheld.Standing.TRIED_AGAIN
                : Withheld.Standing.TRIED;
    }

    private Optional<String> update(Bundle bundle, byte[] content, BundleHealth.Working expected) {
        try {
            bundles.update(bundle, content);
        } catch (BundleException | IllegalStateException e) {
            return Optional.of(Failures.lastCause(e));
        }
        return await(bundle, expected);
    }

    /** Waits until a bundle is up; returns what was wrong with it at the end. */
    private Optional<String> await(Bundle bundle, BundleHealth.Working expected) {
        long end = System.nanoTime() + bound.toNanos();
        while (true) {
            Optional<String> complaint = health.complaint(bundle, expected);
            boolean moving = bundle.getState() == Bundle.STARTING || bundle.getState() == Bundle.STOPPING;
            long now = System.nanoTime();
            if (moving) {
                end = now + bound.toNanos();
            }
            if (complaint.isEmpty() || now >= end || bundles.areStopping() || health.isFinal(bundle)) {
                return complaint;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void restore(Bundle bundle, KeptJars.Kept before, String identity, BundleHealth.Working expected)
            throws IOException {
        Optional<String> complaint;
        try {
            complaint = update(bundle, kept.read(before), expected);
        } catch (IOException e) {
            complaint = Optional.of(e.toString());
        }
        if (bundles.areStopping()) {
            return;
        }
        record.put(bundle.getSymbolicName(), isIntact(identity) ? identity : identityOf(before.copy()));
        if (complaint.isPresent()) {
            bundles.await(bundle);
            LOG.log(
                    System.Logger.Level.ERROR,
                    "bundle {0} does not run: the jar before, kept as {1}, does not come up either: {2}",
                    bundle.getSymbolicName(),
                    before.copy(),
                    complaint.get());
        }
    }

    private static boolean isIntact(String identity) {
        return identityOf(BundleJar.fileOf(identity)).equals(identity);
    }

    private static String identityOf(Path file) {
        return FileStamp.of(file).map(stamp -> stamp + " " + file).orElse("");
    }

    private static FileTime modified(Path file) {
        return FileStamp.of(file).map(FileStamp::modified).orElse(FileTime.fromMillis(0));
    }
}
