package org.circleosd.pluginmanager.deploy;

import static org.osgi.service.component.annotations.ReferenceCardinality.OPTIONAL;
import static org.osgi.service.component.annotations.ReferencePolicy.DYNAMIC;
import static org.osgi.service.component.annotations.ReferencePolicyOption.GREEDY;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.ConfigurationPolicy;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.condition.Condition;

/** Watches the plugins folder and the bundles folder. */
@Component(
        service = {},
        immediate = true,
        configurationPid = "org.circleosd.pluginmanager.deploy",
        configurationPolicy = ConfigurationPolicy.REQUIRE)
public final class DropFolders {

    private static final System.Logger LOG = System.getLogger(DropFolders.class.getName());

    /** Id of the Condition that is registered after the first pass over the plugins folder. */
    private static final String DEPLOYED = "org.circleosd.pluginmanager.deployed";

    private static final Duration HOST_WAIT = Duration.ofSeconds(5);
    /** Of the five seconds in which the daemon stops, what a file that is just being loaded may take. */
    private static final Duration STOP_WAIT = Duration.ofSeconds(1);

    /** Settings; the file {@code config/org.circleosd.pluginmanager.deploy.cfg} has the same keys with dots. */
    @interface Config {
        /** Drop folder of plugin files. */
        String plugins_dir();

        /** Folder of the product's bundles. */
        String bundles_dir();

        /** Folder of the daemon's state. */
        String state_dir();

        /** How long after one look at a folder the next one follows, in milliseconds; 10 to 10,000. */
        int poll_ms() default 200;

        /** The list of the jars that may run; none: all may. */
        String lock_file();

        /**
         * How long a bundle that was updated may take until its components work, in milliseconds, before the jar before
         * is put back; 100 to 60,000. Calls wait meanwhile: less than they do.
         */
        int trial_ms() default 2000;

        /** Whether the plugins folder is left alone: no plugin is loaded that nobody asks for. */
        boolean safe_mode() default false;

        /** How many plugin files are loaded side by side; 1 to 64. */
        int load_threads() default 4;
    }

    private final ServiceGate<PluginHost> host = new ServiceGate<>("plugin host", HOST_WAIT, STOP_WAIT);
    private final CountDownLatch stop = new CountDownLatch(1);
    private final BundleContext context;
    private final boolean safeMode;
    private final int pollMillis;
    private final ExecutorService workers;
    private final DeployedRecord record;
    private final PluginFolder plugins;
    private final BundleFolder bundles;
    private final UpdateWatch updates = new UpdateWatch();
    private final Thread bundlesThread;

    /** Says that the first pass is done; guarded by this. */
    private @Nullable ServiceRegistration<Condition> deployed;

    private volatile boolean announced;

    /** Reads what was dealt with before, and starts to watch. */
    @Activate
    public DropFolders(Config config, BundleContext context, @Reference ServiceComponentRuntime components)
            throws IOException {
        this.context = context;
        safeMode = config.safe_mode();
        pollMillis = Math.max(10, Math.min(config.poll_ms(), 10_000));
        Path state = Path.of(config.state_dir());
        int loaders = Math.max(1, Math.min(config.load_threads(), 64));
        workers = Executors.newFixedThreadPool(loaders, new NamedThreads("deploy-load", NamedThreads.GUEST_STACK));
        record = new DeployedRecord(state.resolve("deployed"));
        plugins = new PluginFolder(
                new WatchedFolder(Path.of(config.plugins_dir())), record, new PluginDeployer(host, record), workers);
        bundles = bundles(config, components, state);
        context.addBundleListener(updates);
        watch("deploy-plugins", this::lookAtPlugins);
        bundlesThread = watch("deploy-bundles", () -> bundles.pass(updates.take()));
        updates.ignore(bundlesThread);
    }

    private BundleFolder bundles(Config config, ServiceComponentRuntime components, Path state) throws IOException {
        // Our own context ends when this bundle is replaced, which its own thread may be doing.
        BundleContext framework =
                context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION).getBundleContext();
        InstalledRecord installed = new InstalledRecord(state.resolve("cache"));
        InstalledBundles installedBundles =
                new InstalledBundles(framework, context.getBundle().getSymbolicName());
        KeptJars kept = new KeptJars(state.resolve("bundles"));
        Duration bound = Duration.ofMillis(Math.max(100, Math.min(config.trial_ms(), 60_000)));
        return new BundleFolder(
                new WatchedFolder(Path.of(config.bundles_dir())),
                installed,
                installedBundles,
                kept,
                new BundlesLock(Path.of(config.lock_file())),
                new BundleTrials(installedBundles, installed, kept, new BundleHealth(framework, components), bound),
                new BundleNews(host));
    }

    @Deactivate
    void deactivate() throws InterruptedException {
        stop.countDown();
        withdraw();
        workers.shutdown();
        if (!workers.awaitTermination(STOP_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
            LOG.log(System.Logger.Level.WARNING, "plugin files are still being loaded while their watcher stops");
        }
        record.close();
        context.removeBundleListener(updates);
        // It may be the one that replaces this bundle. Otherwise the successor must not meet it at work.
        if (Thread.currentThread() != bundlesThread) {
            bundlesThread.join(STOP_WAIT.toMillis());
        }
    }

    @Reference(cardinality = OPTIONAL, policy = DYNAMIC, policyOption = GREEDY)
    void bindHost(PluginHost service) {
        host.bind(service);
    }

    void unbindHost(PluginHost service) {
        host.unbind(service);
    }

    /** Runs a look at a folder again and again, on a thread of its own. */
    private Thread watch(String name, Runnable look) {
        Runnable loop = () -> {
            do {
                try {
                    look.run();
                } catch (RuntimeException e) {
                    // While it stops, its workers refuse work; that is no failure.
                    if (stop.getCount() > 0) {
                        LOG.log(System.Logger.Level.ERROR, name + " failed; it goes on", e);
                    }
                }
            } while (!stopped());
        };
        Thread thread = new NamedThreads(name, NamedThreads.GUEST_STACK).newThread(loop);
        thread.start();
        return thread;
    }

    private void lookAtPlugins() {
        CompletableFuture<Boolean> pass = safeMode ? CompletableFuture.completedFuture(true) : plugins.pass();
        // Until all that was there has been dealt with, the daemon does not say that it is ready.
        if (!announced && pass.join()) {
            announce();
        }
    }

    private synchronized void announce() {
        if (stop.getCount() > 0) {
            deployed = context.registerService(
                    Condition.class,
                    Condition.INSTANCE,
                    FrameworkUtil.asDictionary(Map.of(Condition.CONDITION_ID, DEPLOYED)));
            announced = true;
        }
    }

    private synchronized void withdraw() {
        if (deployed != null) {
            deployed.unregister();
        }
    }

    private boolean stopped() {
        try {
            return stop.await(pollMillis, TimeUnit.MILLISECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return true;
        }
    }
}
