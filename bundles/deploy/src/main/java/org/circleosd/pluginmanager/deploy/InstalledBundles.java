package org.circleosd.pluginmanager.deploy;

import java.io.ByteArrayInputStream;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;

/** The framework's bundles that came from the bundles folder. */
final class InstalledBundles {

    private static final System.Logger LOG = System.getLogger(InstalledBundles.class.getName());

    /** What the launcher installs from the system folders is used where it lies, and never replaced at run time. */
    private static final String COLD = "reference:";

    private final BundleContext framework;
    private final String own;
    /** New bundles that did not start: what they need may come later. */
    private final Set<Bundle> waiting = new CopyOnWriteArraySet<>();

    /**
     * Looks from the framework's own context: this bundle's ends when it is itself replaced.
     *
     * @param framework the system bundle's
     * @param own symbolic name of the bundle that this code is in
     */
    InstalledBundles(BundleContext framework, String own) {
        this.framework = framework;
        this.own = own;
    }

    /** Says whether it is the bundle that this code is in. */
    boolean isOwn(String symbolicName) {
        return own.equals(symbolicName);
    }

    boolean isInstalled(String symbolicName) {
        return find(symbolicName).isPresent();
    }

    /** Says whether the framework is on its way down: nothing that happens then says anything about a bundle. */
    boolean areStopping() {
        int state = framework.getBundle().getState();
        return state == Bundle.STOPPING || state == Bundle.RESOLVED;
    }

    /** Finds a bundle that may be replaced while it runs. */
    Optional<Bundle> find(String symbolicName) {
        return named(symbolicName).filter(bundle -> !isCold(bundle)).findFirst();
    }

    /**
     * Replaces a bundle's content; whoever uses its services waits meanwhile.
     *
     * @throws BundleException if it is not taken, or does not start any more
     */
    void update(Bundle bundle, byte[] content) throws BundleException {
        bundle.update(new ByteArrayInputStream(content));
        // The framework starts it again only if it ran: after an update that failed it does not.
        if (isMeantToRun(bundle)) {
            bundle.start(Bundle.START_ACTIVATION_POLICY);
        }
    }

    /** Says whether somebody started the bundle and nobody stopped it since. */
    boolean isMeantToRun(Bundle bundle) {
        return bundle.getState() != Bundle.UNINSTALLED
                && bundle.adapt(BundleStartLevel.class).isPersistentlyStarted();
    }

    /**
     * Installs a jar's content as the bundle of its symbolic name, or replaces that of one that never came up.
     *
     * @throws BundleException if it is not taken
     */
    void install(BundleJar jar, byte[] content) throws BundleException {
        if (named(jar.symbolicName()).anyMatch(InstalledBundles::isCold)) {
            throw new BundleException("it belongs to the system folders; stop the daemon and replace it there");
        }
        Optional<Bundle> known = find(jar.symbolicName());
        Bundle bundle;
        if (known.isPresent()) {
            bundle = known.get();
            bundle.stop();
            bundle.update(new ByteArrayInputStream(content));
        } else {
            bundle = framework.installBundle(jar.file().toUri().toString(), new ByteArrayInputStream(content));
        }
        LOG.log(
                System.Logger.Level.INFO,
                "installed bundle {0} {1} of {2}",
                jar.symbolicName(),
                jar.version(),
                jar.file());
        if (BundleHealth.isFragment(bundle)) {
            return;
        }
        try {
            bundle.start(Bundle.START_ACTIVATION_POLICY);
        } catch (BundleException e) {
            await(bundle);
            LOG.log(
                    System.Logger.Level.WARNING,
                    "bundle {0} does not start; it is tried again when other bundles change: {1}",
                    jar.symbolicName(),
                    Failures.lastCause(e));
        }
    }

    /** Starts a bundle, if it does not run, as soon as others have changed. */
    void await(Bundle bundle) {
        waiting.add(bundle);
    }

    void uninstall(String symbolicName, Path last) throws BundleException {
        Optional<Bundle> bundle = find(symbolicName);
        if (bundle.isPresent()) {
            bundle.get().uninstall();
            waiting.remove(bundle.get());
            LOG.log(System.Logger.Level.INFO, "uninstalled bundle {0}: its last jar, {1}, is gone", symbolicName, last);
        }
    }

    /** After changes: lets go of packages that nobody exports any more, and starts what could not start before. */
    void settle() {
        FrameworkWiring wiring = framework.getBundle().adapt(FrameworkWiring.class);
        if (!wiring.getRemovalPendingBundles().isEmpty()) {
            wiring.refreshBundles(null);
        }
        for (Iterator<Bundle> bundles = waiting.iterator(); bundles.hasNext(); ) {
            Bundle bundle = bundles.next();
            try {
                bundle.start(Bundle.START_ACTIVATION_POLICY);
                waiting.remove(bundle);
                LOG.log(System.Logger.Level.INFO, "started bundle {0}", bundle.getSymbolicName());
            } catch (BundleException e) {
                LOG.log(System.Logger.Level.DEBUG, "{0} still waits: {1}", bundle.getSymbolicName(), e.getMessage());
            }
        }
    }

    private Stream<Bundle> named(String symbolicName) {
        return Stream.of(framework.getBundles()).filter(bundle -> symbolicName.equals(bundle.getSymbolicName()));
    }

    private static boolean isCold(Bundle bundle) {
        return bundle.getLocation().startsWith(COLD);
    }
}
