package org.circleosd.pluginmanager.nativeloader.process;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginManifestBuilder;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.nativeloader.CLibrary;
import org.circleosd.pluginmanager.nativeloader.TestContext;
import org.circleosd.pluginmanager.nativeloader.binary.BinaryCheck;
import org.circleosd.pluginmanager.nativeloader.plugin.PrivateCopies;

/** A host of workers that nothing confines: what is tested with it is how they are supervised. */
final class PlainHost implements AutoCloseable {

    private static final Path C_WORKER =
            Path.of("..", "worker", "target", "classes", "native", "linux-x86-64", "worker");

    final ConcurrentLinkedQueue<String> log = new ConcurrentLinkedQueue<>();
    final Map<PluginEvent.Kind, String> reported;
    private final ProcessHost host;
    private final TestContext context = new TestContext(log::add);

    PlainHost(Path dir, int spares, RestartPolicy.Settings restarts) throws Exception {
        reported = context.reported();
        WorkerProgram program =
                new WorkerProgram("c", List.of(C_WORKER.toRealPath().toString()), List.of(), Map.of());
        host = new ProcessHost(
                hostWork -> new PlainStarter(() -> program, "a test"),
                PrivateCopies.in(dir.resolve("homes")),
                new ProcessSettings(
                        "c",
                        spares,
                        ProcessSettings.Confinement.OFF,
                        1,
                        1,
                        new WorkerLimits(1, 1, 1, 1),
                        restarts,
                        Duration.ofSeconds(1)));
    }

    static RestartPolicy.Settings quick(int mostDeaths) {
        return new RestartPolicy.Settings(Duration.ofMillis(1), mostDeaths, Duration.ofMinutes(10));
    }

    LoadedPlugin load(Path library, Duration timeout) throws Exception {
        return load(library, manifest(), List.of(), timeout);
    }

    LoadedPlugin load(Path library, PluginManifest manifest, List<CapabilityGrant> grants, Duration timeout)
            throws Exception {
        return load(library, manifest, grants, new InvocationLimits(timeout, 64 << 20, 1 << 20, 8, 100));
    }

    LoadedPlugin load(Path library, PluginManifest manifest, List<CapabilityGrant> grants, InvocationLimits limits)
            throws Exception {
        return host.load(
                CLibrary.image(library),
                BinaryCheck.forThisMachine().read(library.getFileName().toString(), library),
                manifest,
                grants,
                limits,
                context);
    }

    static PluginManifest manifest() {
        return PluginManifest.ofBase("deaths", "1", "", PluginType.NATIVE, "");
    }

    static PluginManifest grouped(String name) {
        return new PluginManifestBuilder(name, "1", "", PluginType.NATIVE, "")
                .group(Optional.of("family"))
                .build();
    }

    static long openDescriptors() throws Exception {
        try (var files = Files.list(Path.of("/proc/self/fd"))) {
            return files.count();
        }
    }

    @Override
    public void close() {
        host.close();
    }
}
