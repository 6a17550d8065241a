package org.circleosd.pluginmanager.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.engine.WasmEngine;
import org.circleosd.pluginmanager.api.runtime.HostFunction;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.api.runtime.PluginLog;
import org.circleosd.pluginmanager.api.runtime.PluginRuntime;
import org.circleosd.pluginmanager.sandbox.extism.ExtismPlugin;
import org.circleosd.pluginmanager.sandbox.extism.LogLevel;
import org.circleosd.pluginmanager.sandbox.extism.MemoryAllowance;
import org.circleosd.pluginmanager.sandbox.extism.WebClient;
import org.circleosd.pluginmanager.sandbox.module.ModuleCheck;
import org.circleosd.pluginmanager.sandbox.module.ModuleInterface;
import org.circleosd.pluginmanager.sandbox.services.PluginServices;
import org.circleosd.pluginmanager.sandbox.wasi.WasiSettings;
import org.osgi.framework.Constants;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
import org.osgi.service.component.annotations.ReferenceCardinality;
import org.osgi.service.component.annotations.ReferencePolicy;
import org.osgi.service.component.annotations.ReferencePolicyOption;

/**
 * Runs wasm plugins on the engine that is there.
 *
 * <p>The engine is a plain, mandatory reference: when it is replaced, this component is built anew. Its service goes
 * away first, on which the host waits for the calls in flight and suspends its wasm plugins; the service comes back
 * with the new engine, and the host loads them again from their images. So a new engine and a new sandbox take the same
 * path, the host's, and no second one has to be kept right here.
 */
@Component(
        service = PluginRuntime.class,
        immediate = true,
        property = PluginRuntime.PLUGIN_TYPE + "=wasm",
        configurationPid = "org.circleosd.pluginmanager.sandbox")
public final class WasmRuntime implements PluginRuntime {

    private final WasmEngine engine;
    private final int moduleBytes;
    private final int maxIdle;
    private final DeadlineWatch watch = new DeadlineWatch();
    private final IdleGuests idleGuests = new IdleGuests();
    private final HostFunctions hostFunctions;
    private final MemoryAllowance allowance = MemoryAllowance.ofHeap();
    private final WebClient web = new WebClient();
    private final LogLevel logLevel;
    private final Duration compileTimeout;
    private final WarmUps warmUps;
    private final Preparations preparations;

    @interface Config {
        /** Largest wasm file that is loaded, in bytes; 1024 to 1073741824. */
        int module_bytes() default 16 << 20;

        /** Most instances of a plugin that are kept for later calls; 0 to 10000. -1: twice the number of processors. */
        int idle_instances() default -1;

        /** Modules that are compiled at once; 1 to 256. -1: half of the processors, at least one. */
        int compile_threads() default -1;

        /** Most time for compiling one module, in milliseconds; 1 to 3600000. */
        long compile_timeout_ms() default 60_000;

        /**
         * How long after the sandbox began the load of a plugin waits for a function that no bundle offers yet, in
         * milliseconds; 0 or more.
         */
        long functions_settle_ms() default 5_000;

        /** Most CPU time for calling one plugin in the background until it is fast, in milliseconds; 0: none is. */
        long warmup_cpu_ms() default 10_000;

        /** Least important messages of Extism plugins that are logged: trace, debug, info, warn, error or off. */
        String extism_log_level() default "info";
    }

    /** Starts the runtime. */
    @Activate
    public WasmRuntime(
            @Reference(name = "engine", policyOption = ReferencePolicyOption.GREEDY) WasmEngine engine, Config config) {
        this.engine = engine;
        this.moduleBytes = Math.max(1 << 10, Math.min(config.module_bytes(), 1 << 30));
        this.maxIdle = config.idle_instances() < 0
                ? 2 * Runtime.getRuntime().availableProcessors()
                : Math.min(config.idle_instances(), 10_000);
        this.compileTimeout = Duration.ofMillis(Math.max(1, Math.min(config.compile_timeout_ms(), 3_600_000)));
        this.logLevel = LogLevel.ofName(config.extism_log_level()).orElse(LogLevel.INFO);
        this.hostFunctions = new HostFunctions(Duration.ofMillis(Math.max(0, config.functions_settle_ms())));
        this.warmUps = new WarmUps(watch, Duration.ofMillis(Math.max(0, config.warmup_cpu_ms())));
        this.preparations = new Preparations(
                config.compile_threads() < 1
                        ? Math.max(1, Runtime.getRuntime().availableProcessors() / 2)
                        : Math.min(config.compile_threads(), 256),
                warmUps);
    }

    /** Offers a function of a bundle to plugins. */
    @Reference(cardinality = ReferenceCardinality.MULTIPLE, policy = ReferencePolicy.DYNAMIC)
    void addHostFunction(HostFunction function, Map<String, Object> properties) {
        hostFunctions.add(function, properties.get(Constants.SERVICE_RANKING) instanceof Integer ranking ? ranking : 0);
    }

    /** Takes a function away; waits for the calls on it. */
    void removeHostFunction(HostFunction function) {
        hostFunctions.remove(function);
    }

    /** Ends the watch over the deadlines once the calls that may be left have ended. */
    @Deactivate
    void close() {
        warmUps.close();
        preparations.close();
        web.close();
        watch.close();
    }

    @Override
    public LoadedPlugin load(
            PluginImage image,
            PluginManifest manifest,
            List<CapabilityGrant> grants,
            InvocationLimits limits,
            PluginContext context) {
        PluginLog log = context.log();
        Map<String, LinkedCode> linked = new LinkedHashMap<>();
        List<PluginCode> linkedCode = new ArrayList<>();
        image.linked().forEach((name, other) -> {
            ModuleInterface shape = checked(other);
            PluginCode code = code(other, shape, List.of());
            linkedCode.add(code);
            linked.put(name, new LinkedCode(code, shape));
        });
        ModuleInterface shape = checked(image);
        PluginCode code = code(image, shape, linkedCode);
        boolean kit = ExtismAbi.isExtism(shape)
                || linked.values().stream().anyMatch(module -> ExtismAbi.isExtism(module.shape()));
        CallingConvention convention = ModuleAdmission.convention(shape, kit, manifest, limits.outputBytes());
        boolean extism = kit || convention.abi().equals(ExtismAbi.NAME);
        Linkage linkage = Linkage.of(
                new LinkedCode(code, shape),
                linked,
                hostFunctions,
                manifest.name(),
                convention.abi().equals(ExtismAbi.NAME));
        InstancePolicy instances = manifest.instances().orElse(convention.instances());
        WasiSettings wasi = WasiSettings.of(manifest, grants, instances);
        Function<PluginServices, GuestFactory> factories = services -> new GuestFactory(
                linkage,
                wasi,
                services,
                extism ? new ExtismPlugin(manifest, grants, limits, services.values(), logLevel, allowance, web) : null,
                limits,
                log,
                idleGuests);
        PluginServices services = PluginServices.of(context, grants, limits);
        GuestFactory factory = factories.apply(services);
        WasmPlugin plugin = new WasmPlugin(
                manifest.name(), code, convention, pool(convention, instances, factory, log), watch, limits.timeout());
        boolean command = convention.abi().equals(CommandAbi.NAME);
        boolean loaded = false;
        try {
            PluginServices rehearsing = services.rehearsing(plugin.readiness()::isReady);
            preparations.begin(
                    plugin,
                    new Rehearsal(factories.apply(rehearsing), watch, limits.timeout(), !command),
                    manifest,
                    context);
            loaded = true;
            return plugin;
        } finally {
            if (!loaded) {
                plugin.close();
            }
        }
    }

    private ModuleInterface checked(PluginImage image) {
        byte[] wasm = read(image);
        ModuleCheck.check(wasm);
        return ModuleInterface.of(wasm);
    }

    private PluginCode code(PluginImage image, ModuleInterface shape, List<PluginCode> linked) {
        return new PluginCode(
                engine, () -> read(image), image.sha256(), shape.functionCount(), watch, compileTimeout, linked);
    }

    /** Returns the bytes that the calls of Extism plugins hold at this moment, beyond a small rest for each plugin. */
    long extismBytes() {
        return allowance.used();
    }

    private InstancePool pool(
            CallingConvention convention, InstancePolicy instances, GuestFactory factory, PluginLog log) {
        if (convention.abi().equals(CommandAbi.NAME)) {
            return new FreshInstances(factory);
        }
        return switch (instances) {
            case POOLED -> new PooledInstances(factory, maxIdle, idleGuests);
            case STATEFUL -> new StatefulInstance(factory, log);
            case FRESH -> new FreshInstances(factory);
        };
    }

    private byte[] read(PluginImage image) {
        if (image.size() > moduleBytes) {
            throw new PluginException(
                    ErrorCode.TOO_LARGE,
                    image.origin() + " has " + image.size() + " bytes; at most " + moduleBytes
                            + " are loaded (module.bytes of org.circleosd.pluginmanager.sandbox)");
        }
        try {
            return Files.readAllBytes(image.file());
        } catch (IOException e) {
            throw new PluginException(
                    ErrorCode.PATH_INVALID, "cannot read the stored copy of " + image.origin() + ": " + e.getMessage());
        }
    }
}
