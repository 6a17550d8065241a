package org.circleosd.pluginmanager.launcher;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Properties;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.BundleException;
import org.osgi.framework.SynchronousBundleListener;
import org.osgi.framework.startlevel.BundleStartLevel;

/**
 * Puts the last good jar of the {@code deploy} bundle back when a new one does not come up. That bundle does so for all
 * others; when it is broken itself, only the launcher is left.
 */
final class DeployGuard implements SynchronousBundleListener {

    private static final System.Logger LOG = System.getLogger(DeployGuard.class.getName());

    private static final String DEPLOY = "org.circleosd.pluginmanager.deploy";

    /** Nobody waits for this bundle: it gets more time than a client would give it. */
    private static final long BOUND_NANOS = TimeUnit.SECONDS.toNanos(5);

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

    private final BundleContext framework;
    private final KeptJars kept;
    private final Path cache;
    private final ScheduledExecutorService looks = Executors.newSingleThreadScheduledExecutor(DeployGuard::thread);

    private DeployGuard(BundleContext framework, KeptJars kept, Path cache) {
        this.framework = framework;
        this.kept = kept;
        this.cache = cache;
    }

    /** Watches as long as the framework runs. */
    static void install(BundleContext framework, KeptJars kept, Path cache) {
        framework.addBundleListener(new DeployGuard(framework, kept, cache));
    }

    private static Thread thread(Runnable work) {
        Thread thread = new Thread(work, "deploy-guard");
        thread.setDaemon(true);
        thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
        return thread;
    }

    @Override
    public void bundleChanged(BundleEvent event) {
        boolean stopped = event.getType() == BundleEvent.STOPPED || event.getType() == BundleEvent.UPDATED;
        Bundle bundle = event.getBundle();
        if (stopped && DEPLOY.equals(bundle.getSymbolicName()) && isWanted(bundle)) {
            looks.execute(() -> look(bundle));
        }
    }

    private void look(Bundle bundle) {
        Optional<String> complaint = await(bundle);
        if (complaint.isPresent() && isWanted(bundle)) {
            try {
                putBack(bundle, complaint.get());
            } catch (IOException | BundleException e) {
                LOG.log(
                        System.Logger.Level.ERROR,
                        "bundle " + DEPLOY + " does not run (" + complaint.get()
                                + ") and cannot be put back; replace its jar and start again",
                        e);
            }
        }
    }

    /** Somebody started it, nobody stopped it since, and the daemon is not going down. */
    private boolean isWanted(Bundle bundle) {
        return framework.getBundle().getState() == Bundle.ACTIVE
                && bundle.getState() != Bundle.UNINSTALLED
                && bundle.adapt(BundleStartLevel.class).isPersistentlyStarted();
    }

    private Optional<String> await(Bundle bundle) {
        long end = System.nanoTime() + BOUND_NANOS;
        while (true) {
            Optional<String> complaint = bundle.getState() == Bundle.ACTIVE
                    ? ComponentFailures.complaint(framework, bundle)
                    : Optional.of("it does not start");
            if (complaint.isEmpty() || !isWanted(bundle) || System.nanoTime() >= end) {
                return complaint;
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
    }

    private void putBack(Bundle bundle, String reason) throws IOException, BundleException {
        Optional<KeptJars.Kept> jar = kept.kept(DEPLOY);
        if (jar.isEmpty()) {
            throw new IOException("none of its jars is kept");
        }
        byte[] content = jar.get().read();
        kept.undo(DEPLOY, reason);
        // The bundle reads this as soon as it starts, and would otherwise take another file for the one it is made of.
        Properties installed = InstalledRecord.read(cache);
        Path source = source(jar.get());
        installed.setProperty(DEPLOY, FileStamp.of(source) + " " + source);
        InstalledRecord.write(cache, installed);
        bundle.update(new ByteArrayInputStream(content));
        bundle.start(Bundle.START_ACTIVATION_POLICY);
        LOG.log(
                System.Logger.Level.WARNING,
                "rolled back bundle {0}: its new version does not come up: {1}; {2} of {3} runs",
                DEPLOY,
                reason,
                bundle.getVersion(),
                source);
    }

    /** Returns the file that it was copied from if that is still the same, else the copy. */
    private static Path source(KeptJars.Kept jar) throws IOException {
        Path origin = jar.originFile();
        boolean intact = Files.exists(origin) && jar.origin().equals(FileStamp.of(origin) + " " + origin);
        return intact ? origin : jar.copy();
    }
}
