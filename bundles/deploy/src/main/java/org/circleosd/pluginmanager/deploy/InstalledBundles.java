package org.circleosd.pluginmanager.deploy;

import java.io.ByteArrayInputStream;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArraySet;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.wiring.FrameworkWiring;

/** The framework's bundles that came from the bundles folder. */
final class InstalledBundles {

    private static final System.Logger LOG = System.getLogger(InstalledBundles.class.getName());

    /** What the launcher installs from the system folders is used where it lies, and never replaced at run time. */
    private static final String COLD = "reference:";

    private final BundleContext context;
    /** New bundles that did not start: what they need may come later. */
    private final Set<Bundle> waiting = new CopyOnWriteArraySet<>();

    InstalledBundles(BundleContext context) {
        this.context = context;
    }

    /** Says whether it is the bundle that this code is in. */
    boolean isOwn(String symbolicName) {
        return context.getBundle().getSymbolicName().equals(symbolicName);
    }

    boolean isInstalled(String symbolicName) {
        return find(symbolicName).isPresent();
    }

    /**
     * Runs a jar's content as the bundle of its symbolic name.
     *
     * @throws BundleException if it is not taken, or does not start any more
     */
    void installOrUpdate(BundleJar jar, byte[] content) throws BundleException {
        if (named(jar.symbolicName()).anyMatch(InstalledBundles::isCold)) {
            throw new BundleException("it belongs to the system folders; stop the daemon and replace it there");
        }
        if (isInstalled(jar.symbolicName())) {
            update(jar, content);
        } else {
            install(jar, content);
        }
    }

    /** Replaces an installed bundle's content; whoever uses its services waits meanwhile. */
    void update(BundleJar jar, byte[] content) throws BundleException {
        Bundle bundle = find(jar.symbolicName())
                .orElseThrow(() -> new BundleException(jar.symbolicName() + " was uninstalled meanwhile"));
        long start = System.nanoTime();
        bundle.update(new ByteArrayInputStream(content));
        // The framework starts it again only if it ran: after an update that failed it does not.
        if (bundle.adapt(BundleStartLevel.class).isPersistentlyStarted()) {
            bundle.start(Bundle.START_ACTIVATION_POLICY);
        }
        LOG.log(
                System.Logger.Level.INFO,
                "updated bundle {0} to {1} of {2} in {3} ms",
                jar.symbolicName(),
                jar.version(),
                jar.file(),
                (System.nanoTime() - start) / 1_000_000);
    }

    void uninstall(String symbolicName) throws BundleException {
        Optional<Bundle> bundle = find(symbolicName);
        if (bundle.isPresent()) {
            bundle.get().uninstall();
            waiting.remove(bundle.get());
            LOG.log(System.Logger.Level.INFO, "uninstalled bundle {0}: its last jar is gone", symbolicName);
        }
    }

    /** After changes: lets go of packages that nobody exports any more, and starts what could not start before. */
    void settle() {
        FrameworkWiring wiring =
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).adapt(FrameworkWiring.class);
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

    private void install(BundleJar jar, byte[] content) throws BundleException {
        String location = jar.file().toUri().toString();
        Bundle bundle = context.installBundle(location, new ByteArrayInputStream(content));
        LOG.log(
                System.Logger.Level.INFO,
                "installed bundle {0} {1} of {2}",
                jar.symbolicName(),
                jar.version(),
                jar.file());
        if (bundle.getHeaders().get(Constants.FRAGMENT_HOST) != null) {
            return;
        }
        try {
            bundle.start(Bundle.START_ACTIVATION_POLICY);
        } catch (BundleException e) {
            waiting.add(bundle);
            LOG.log(
                    System.Logger.Level.WARNING,
                    "bundle {0} does not start; it is tried again when other bundles change: {1}",
                    jar.symbolicName(),
                    e.getMessage());
        }
    }

    private Optional<Bundle> find(String symbolicName) {
        return named(symbolicName).filter(bundle -> !isCold(bundle)).findFirst();
    }

    private Stream<Bundle> named(String symbolicName) {
        return Stream.of(context.getBundles()).filter(bundle -> symbolicName.equals(bundle.getSymbolicName()));
    }

    private static boolean isCold(Bundle bundle) {
        return bundle.getLocation().startsWith(COLD);
    }
}
