package org.circleosd.pluginmanager.launcher;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.felix.framework.FrameworkFactory;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkEvent;
import org.osgi.framework.launch.Framework;
import org.osgi.framework.startlevel.BundleStartLevel;
import org.osgi.framework.startlevel.FrameworkStartLevel;

/** The framework with the distribution's bundles in it. */
final class Daemon {

    private static final System.Logger LOG = System.getLogger(Daemon.class.getName());

    /** Between two looks at what has not started. */
    private static final long CHECK_MILLIS = 500;

    private final Options options;
    private final Path home;
    private final Distribution distribution;
    private final Framework framework;
    /** What the framework reported of bundles that did not start, by symbolic name. */
    private final Map<String, String> failures = new ConcurrentHashMap<>();

    private Daemon(Options options, Path home, Distribution distribution, Framework framework) {
        this.options = options;
        this.home = home;
        this.distribution = distribution;
        this.framework = framework;
    }

    /** Makes the framework with the bundles of the distribution installed, not started. */
    static Daemon prepare(Options options, Path home) throws StartException {
        checkConfig(options.config());
        new BundlesLock(options, home).check();
        Distribution distribution = Distribution.scan(home, options.bundles(), new KeptJars(options.state()));
        Path cache = cache(options);
        try {
            Files.createDirectories(cache);
            Properties wanted = InstalledRecord.of(distribution);
            boolean warm = InstalledRecord.read(cache).equals(wanted);
            Framework framework = new FrameworkFactory().newFramework(properties(options, cache, warm));
            framework.init();
            // For the bundles that are dropped later.
            framework.adapt(FrameworkStartLevel.class).setInitialBundleStartLevel(Distribution.PRODUCT_LEVEL);
            Daemon daemon = new Daemon(options, home, distribution, framework);
            if (!warm) {
                daemon.install();
                InstalledRecord.write(cache, wanted);
            }
            return daemon;
        } catch (IOException | BundleException e) {
            throw new StartException(
                    "the framework does not start on " + cache + ": " + e.getMessage(),
                    "remove that directory and start again");
        }
    }

    /**
     * Starts all bundles and waits until the daemon answers.
     *
     * @throws StartException if a bundle does not start, or says that it cannot work
     */
    void start() throws StartException, InterruptedException {
        BundleContext context = framework.getBundleContext();
        context.addFrameworkListener(this::noteFailure);
        Readiness readiness = Readiness.watch(context);
        try {
            framework.start();
        } catch (BundleException e) {
            throw new StartException("the framework does not start: " + e.getMessage(), "the log above says more");
        }
        checkAllStarted(context);
        // Without a bound, for plugins may take long to load; again and again, for some parts start on another thread.
        do {
            if (!readiness.isFailed()) {
                checkComponents(context);
            }
        } while (!readiness.await(CHECK_MILLIS));
        DeployGuard.install(context, new KeptJars(options.state()), cache(options));
    }

    /** Stops all bundles, those that started last first; returns when it is done or the time is up. */
    void stop(long millis) {
        try {
            framework.stop();
            FrameworkEvent end = framework.waitForStop(millis);
            if (end.getType() == FrameworkEvent.WAIT_TIMEDOUT) {
                LOG.log(System.Logger.Level.WARNING, "not all bundles stopped within {0} ms", millis);
            }
        } catch (BundleException e) {
            LOG.log(System.Logger.Level.ERROR, "the framework does not stop", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until somebody stops the framework. */
    void awaitStop() throws InterruptedException {
        framework.waitForStop(0);
    }

    private static Path cache(Options options) {
        return options.state().resolve("cache");
    }

    private static void checkConfig(Path config) throws StartException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(config, "*.cfg")) {
            if (!files.iterator().hasNext()) {
                throw new StartException(
                        "there are no .cfg files in " + config, "copy those of the distribution there");
            }
        } catch (IOException e) {
            throw new StartException(
                    "the configuration in " + config + " cannot be listed: " + e, "give the right --config");
        }
        if (config.toString().contains(",")) {
            // FileInstall takes it for a list.
            throw new StartException("the path " + config + " has a comma", "give a --config without");
        }
    }

    private static Map<String, Object> properties(Options options, Path cache, boolean warm) {
        Map<String, Object> properties = new HashMap<>();
        properties.put(Constants.FRAMEWORK_STORAGE, cache.toString());
        if (!warm) {
            properties.put(Constants.FRAMEWORK_STORAGE_CLEAN, Constants.FRAMEWORK_STORAGE_CLEAN_ONFIRSTINIT);
        }
        properties.put(Constants.FRAMEWORK_BEGINNING_STARTLEVEL, String.valueOf(Distribution.PRODUCT_LEVEL));
        properties.put("felix.log.logger", new FrameworkLog());
        properties.put("felix.log.level", "2");
        // Nobody needs URLs of bundles as text; without them the framework leaves the JDK's URL machinery alone.
        properties.put("felix.service.urlhandlers", "false");

        // The files are the truth: configurations are read from them at each start, and never written back.
        properties.put("felix.cm.pm", "memory");
        properties.put("felix.fileinstall.dir", options.config().toString());
        properties.put("felix.fileinstall.filter", ".*\\.cfg");
        properties.put("felix.fileinstall.noInitialDelay", "true");
        properties.put("felix.fileinstall.enableConfigSave", "false");
        properties.put("felix.fileinstall.configEncoding", "UTF-8");
        properties.put("felix.fileinstall.subdir.mode", "skip");
        properties.put("felix.fileinstall.disableNio2", "true");
        properties.put("felix.fileinstall.poll", "1000");
        properties.put("felix.fileinstall.log.level", "2");
        properties.put("felix.fileinstall.log.default", "jul");

        properties.put("plugin.manager.socket", options.socket().toString());
        properties.put("plugin.manager.state", options.state().toString());
        properties.put("plugin.manager.plugins", options.plugins().toString());
        properties.put("plugin.manager.bundles", options.bundles().toString());
        properties.put("plugin.manager.config", options.config().toString());
        properties.put("plugin.manager.safe.mode", String.valueOf(options.safeMode()));
        return properties;
    }

    private void install() throws BundleException {
        List<Bundle> installed = new ArrayList<>();
        for (Map.Entry<Integer, List<Path>> level : distribution.system().entrySet()) {
            for (Path jar : level.getValue()) {
                // Used where they are: nobody replaces these while the daemon runs.
                installed.add(install("reference:" + jar.toUri(), level.getKey()));
            }
        }
        for (BundleJar jar : distribution.bundles()) {
            // Copied to the cache: a jar that is overwritten in place would break the classes that are read of it.
            installed.add(install(jar.file().toUri().toString(), Distribution.PRODUCT_LEVEL));
        }
        for (Bundle bundle : installed) {
            if (bundle.getHeaders().get(Constants.FRAGMENT_HOST) == null) {
                bundle.start(Bundle.START_ACTIVATION_POLICY);
            }
        }
    }

    private Bundle install(String location, int level) throws BundleException {
        Bundle bundle = framework.getBundleContext().installBundle(location);
        bundle.adapt(BundleStartLevel.class).setStartLevel(level);
        return bundle;
    }

    private void noteFailure(FrameworkEvent event) {
        if (event.getType() == FrameworkEvent.ERROR) {
            failures.put(
                    event.getBundle().getSymbolicName(),
                    String.valueOf(event.getThrowable().getMessage()));
        }
    }

    /** Without this, a setting that makes no sense would leave the start waiting for ever. */
    private void checkComponents(BundleContext context) throws StartException {
        List<String> failed = ComponentFailures.list(context);
        if (!failed.isEmpty()) {
            throw new StartException(
                    "these parts do not start: " + String.join(", ", failed),
                    "correct their files in " + options.config() + "; the log above says more" + hint(failed));
        }
    }

    /** Says where the jars are that came up before, of bundles or components that these lines start with. */
    private String hint(List<String> failed) {
        List<BundleJar> broken = distribution.bundles().stream()
                .filter(jar -> failed.stream().anyMatch(line -> line.startsWith(jar.symbolicName())))
                .toList();
        return new KeptJars(options.state()).hint(broken);
    }

    private void checkAllStarted(BundleContext context) throws StartException {
        List<String> stopped = new ArrayList<>();
        for (Bundle bundle : context.getBundles()) {
            boolean fragment = bundle.getHeaders().get(Constants.FRAGMENT_HOST) != null;
            // A bundle with lazy activation stays STARTING until the first of its classes is used.
            if (!fragment && bundle.getState() != Bundle.ACTIVE && bundle.getState() != Bundle.STARTING) {
                String name = bundle.getSymbolicName();
                stopped.add(name + " (" + failures.getOrDefault(name, "no reason given") + ")");
            }
        }
        if (!stopped.isEmpty()) {
            throw new StartException(
                    "these bundles do not start: " + String.join(", ", stopped),
                    "replace their jars in " + options.bundles() + " or " + home.resolve("system") + hint(stopped));
        }
    }
}
