package org.circleosd.pluginmanager.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.annotation.Annotation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CopyOnWriteArrayList;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.FunctionDescription;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.ManifestLimits;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginManifestBuilder;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.api.engine.WasmEngine;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.engine.chicory.ChicoryEngine;

/** Loads plugins into a real runtime on the real engine, and closes all that it made. */
final class Plugins implements AutoCloseable {

    static final Path TEST_PLUGINS = Path.of("src/test/plugins");
    static final Path EXAMPLES = Path.of("../../plugins");

    /** Long enough for a call that is to end on the slowest machine. */
    static final Duration PATIENCE = Duration.ofSeconds(30);

    final WasmRuntime runtime;
    final List<String> log = new CopyOnWriteArrayList<>();
    /** The host as all plugins see it. */
    TestContext context = new TestContext(log::add);

    private final List<LoadedPlugin> loaded = new ArrayList<>();

    private InvocationLimits limits = new InvocationLimits(PATIENCE, 4L << 20, 64 << 10, 64, 1024);
    private Optional<InstancePolicy> instances = Optional.empty();
    private Optional<String> abi = Optional.empty();
    private List<FunctionDescription> functions = List.of();
    private Optional<PluginManifest.SelfTest> selftest = Optional.empty();
    private Optional<PluginManifest.WarmUp> warmup = Optional.empty();
    private ManifestLimits asked = ManifestLimits.NONE;
    private Map<String, String> config = Map.of();
    private List<CapabilityGrant> grants = List.of();
    private final Map<String, PluginImage> linked = new LinkedHashMap<>();
    private Duration patience = PATIENCE;

    Plugins() {
        this(new TestConfig(16 << 20, -1));
    }

    Plugins(TestConfig config) {
        this(new ChicoryEngine(), config);
    }

    Plugins(WasmEngine engine, TestConfig config) {
        runtime = new WasmRuntime(engine, config);
    }

    /** Does not wait until what is loaded is ready. */
    Plugins impatient() {
        patience = Duration.ZERO;
        return this;
    }

    Plugins timeout(Duration timeout) {
        limits = new InvocationLimits(timeout, limits.memoryBytes(), limits.outputBytes(), 64, 1024);
        return this;
    }

    Plugins outputBytes(int bytes) {
        limits = new InvocationLimits(limits.timeout(), limits.memoryBytes(), bytes, 64, 1024);
        return this;
    }

    Plugins memoryBytes(long bytes) {
        limits = new InvocationLimits(limits.timeout(), bytes, limits.outputBytes(), 64, 1024);
        return this;
    }

    Plugins instances(InstancePolicy policy) {
        instances = Optional.of(policy);
        return this;
    }

    Plugins selftest(String function, String payload, String expect) {
        selftest = Optional.of(
                new PluginManifest.SelfTest(function, payload.getBytes(UTF_8), Optional.of(expect.getBytes(UTF_8))));
        return this;
    }

    Plugins warmUp(String function, String payload, int calls) {
        warmup = Optional.of(new PluginManifest.WarmUp(function, payload.getBytes(UTF_8), calls));
        return this;
    }

    Plugins config(Map<String, String> settings) {
        config = settings;
        return this;
    }

    /** Links what is loaded from now on with a test plugin. */
    Plugins linking(String name, String file) {
        linked.put(name, image(TEST_PLUGINS.resolve(file + ".wasm"), Map.of()));
        return this;
    }

    Plugins granting(String kind, String scope) {
        grants = List.of(new CapabilityGrant(kind, scope));
        return this;
    }

    /** Sets what the manifest asks for of an Extism plugin's variables and of HTTP responses. */
    Plugins asking(OptionalLong varBytes, OptionalLong httpResponseBytes) {
        asked = new ManifestLimits(
                OptionalLong.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                httpResponseBytes,
                varBytes);
        return this;
    }

    Plugins abi(String name) {
        abi = Optional.of(name);
        return this;
    }

    Plugins describing(String... names) {
        functions = List.of(names).stream()
                .map(name -> new FunctionDescription(name, "", null, null))
                .toList();
        return this;
    }

    /** Loads a test plugin. */
    LoadedPlugin load(String name) {
        return load(TEST_PLUGINS.resolve(name + ".wasm"), name);
    }

    LoadedPlugin load(Path file, String name) {
        PluginManifest manifest = new PluginManifestBuilder(name, "1", "", PluginType.WASM, "")
                .abi(abi)
                .functions(functions)
                .limits(asked)
                .config(config)
                .instances(instances)
                .selftest(selftest)
                .warmup(warmup)
                .build();
        LoadedPlugin plugin = runtime.load(image(file, linked), manifest, grants, limits, context);
        loaded.add(plugin);
        plugin.awaitReady(patience);
        return plugin;
    }

    static Invocation call(String function, String payload) {
        return new Invocation(function, payload.getBytes(UTF_8), Caller.local("test"));
    }

    static String text(LoadedPlugin plugin, String function, String payload) {
        return new String(plugin.invoke(call(function, payload)), UTF_8);
    }

    @Override
    public void close() {
        loaded.forEach(LoadedPlugin::close);
        runtime.close();
    }

    private static PluginImage image(Path file, Map<String, PluginImage> linked) {
        try {
            return new PluginImage(
                    Sha256.of(Files.readAllBytes(file)),
                    file.toAbsolutePath(),
                    Files.size(file),
                    file.toAbsolutePath(),
                    linked);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A configuration as the framework would hand it in. */
    @SuppressWarnings("ClassExplicitlyAnnotation")
    record TestConfig(
            int module_bytes,
            int idle_instances,
            int compile_threads,
            long compile_timeout_ms,
            long warmup_cpu_ms,
            String extism_log_level)
            implements WasmRuntime.Config {
        /** Nobody offers functions later on. */
        @Override
        public long functions_settle_ms() {
            return 0;
        }

        TestConfig(int moduleBytes, int idleInstances) {
            this(moduleBytes, idleInstances, 2, PATIENCE.toMillis(), 1_000, "info");
        }

        /** Extism plugins log what is as important as this. */
        static TestConfig logging(String level) {
            return new TestConfig(16 << 20, -1, 2, PATIENCE.toMillis(), 1_000, level);
        }

        @Override
        public Class<? extends Annotation> annotationType() {
            return WasmRuntime.Config.class;
        }
    }
}
