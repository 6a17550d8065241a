package org.circleosd.pluginmanager.deploy;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleException;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;
import org.osgi.service.component.runtime.ServiceComponentRuntime;

/**
 * A bundles folder that a real framework with Declarative Services follows. The code under test stands outside: the
 * packages of Declarative Services are exported to the framework, so that both see the same types.
 */
final class RunningFolder {

    /** A component that never comes up is waited for this long in each try. */
    private static final Duration BOUND = Duration.ofMillis(300);

    private static final String DS_PACKAGES = "org.osgi.service.component;version=1.5,"
            + "org.osgi.service.component.runtime;version=1.5,org.osgi.service.component.runtime.dto;version=1.5,"
            + "org.osgi.util.promise;version=1.3,org.osgi.util.function;version=1.2";

    final FakeHost host = new FakeHost();
    private final Path temp;
    private final Path folder;
    private final Framework framework;
    private final ServiceComponentRuntime components;
    private final UpdateWatch updates = new UpdateWatch();
    private BundleFolder watched;
    private KeptJars kept;
    /** Rises with each write, so that no two writes have the same time. */
    private long clock = 1_000;

    RunningFolder(Path temp) throws BundleException, IOException {
        this.temp = temp;
        folder = Files.createDirectories(temp.resolve("bundles"));
        framework = new org.apache.felix.framework.FrameworkFactory()
                .newFramework(Map.of(
                        Constants.FRAMEWORK_STORAGE,
                        temp.resolve("cache").toString(),
                        Constants.FRAMEWORK_BEGINNING_STARTLEVEL,
                        "3",
                        Constants.FRAMEWORK_SYSTEMPACKAGES_EXTRA,
                        DS_PACKAGES));
        framework.start();
        Bundle scr = framework.getBundleContext().installBundle(jarOnClassPath("org.apache.felix.scr"));
        scr.start();
        components = framework
                .getBundleContext()
                .getService(framework.getBundleContext().getServiceReference(ServiceComponentRuntime.class));
        framework.getBundleContext().addBundleListener(updates);
        updates.ignore(Thread.currentThread());
        restart();
    }

    private static String jarOnClassPath(String name) {
        return Stream.of(System.getProperty("java.class.path").split(File.pathSeparator))
                .filter(entry -> entry.contains(name) && entry.endsWith(".jar"))
                .map(entry -> Path.of(entry).toUri().toString())
                .findFirst()
                .orElseThrow();
    }

    /** Begins anew with what is on disk, as the deploy room of a new process. */
    void restart() throws IOException {
        InstalledRecord record = new InstalledRecord(temp.resolve("cache"));
        InstalledBundles bundles = new InstalledBundles(framework.getBundleContext(), "own");
        BundleHealth health = new BundleHealth(framework.getBundleContext(), components);
        ServiceGate<PluginHost> gate = new ServiceGate<>("plugin host", Duration.ofSeconds(5), Duration.ofSeconds(1));
        gate.bind(host);
        kept = new KeptJars(temp.resolve("kept"));
        watched = new BundleFolder(
                new WatchedFolder(folder),
                record,
                bundles,
                kept,
                new BundlesLock(lock()),
                new BundleTrials(bundles, record, kept, health, BOUND),
                new BundleNews(gate));
    }

    Path lock() {
        return temp.resolve("bundles.lock");
    }

    KeptJars kept() {
        return kept;
    }

    Path file(String name) {
        return folder.resolve(name);
    }

    Framework framework() {
        return framework;
    }

    void write(String name, byte[] content) throws IOException {
        Path file = Files.write(folder.resolve(name), content);
        Files.setLastModifiedTime(file, FileTime.fromMillis(clock++));
    }

    void write(String name, TestJar jar) throws IOException {
        write(name, jar.bytes());
    }

    void delete(String name) throws IOException {
        Files.delete(folder.resolve(name));
    }

    /** Looks twice, so that all that changed before is settled. */
    void settle() {
        watched.pass(updates.take());
        watched.pass(Set.of());
    }

    /** Updates a bundle as somebody at the shell does, on a thread of its own. */
    void updateByHand(String symbolicName, byte[] content) throws InterruptedException {
        Thread person = new Thread(() -> {
            try {
                bundle(symbolicName).update(new java.io.ByteArrayInputStream(content));
            } catch (BundleException e) {
                System.out.println("the shell shows: " + e.getMessage());
            }
        });
        person.start();
        person.join();
    }

    Bundle bundle(String symbolicName) {
        return named(symbolicName).findFirst().orElseThrow();
    }

    Stream<Bundle> named(String symbolicName) {
        return Stream.of(framework.getBundleContext().getBundles())
                .filter(bundle -> symbolicName.equals(bundle.getSymbolicName()));
    }

    String variant(String symbolicName) {
        return bundle(symbolicName).getHeaders().get("X-Variant");
    }

    void close() throws BundleException, InterruptedException {
        framework.stop();
        framework.waitForStop(10_000);
    }
}
