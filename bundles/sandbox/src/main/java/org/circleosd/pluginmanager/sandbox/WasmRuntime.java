package org.circleosd.pluginmanager.sandbox;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.engine.WasmEngine;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.api.runtime.PluginLog;
import org.circleosd.pluginmanager.api.runtime.PluginRuntime;
import org.circleosd.pluginmanager.sandbox.module.ModuleInterface;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;
import org.osgi.service.component.annotations.Reference;
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

    @interface Config {
        /** Largest wasm file that is loaded, in bytes; 1024 to 1073741824. */
        int module_bytes() default 16 << 20;

        /** Most instances of a plugin that are kept for later calls; 0 to 10000. -1: twice the number of processors. */
        int idle_instances() default -1;
    }

    /** Starts the runtime. */
    @Activate
    public WasmRuntime(@Reference(policyOption = ReferencePolicyOption.GREEDY) WasmEngine engine, Config config) {
        this.engine = engine;
        this.moduleBytes = Math.max(1 << 10, Math.min(config.module_bytes(), 1 << 30));
        this.maxIdle = config.idle_instances() < 0
                ? 2 * Runtime.getRuntime().availableProcessors()
                : Math.min(config.idle_instances(), 10_000);
    }

    /** Ends the watch over the deadlines once the calls that may be left have ended. */
    @Deactivate
    void close() {
        watch.close();
    }

    @Override
    public LoadedPlugin load(
            PluginImage image,
            PluginManifest manifest,
            List<CapabilityGrant> grants,
            InvocationLimits limits,
            PluginLog log) {
        byte[] wasm = read(image);
        ModuleAdmission.refuseComponent(wasm);
        WasmModule module = engine.compile(wasm);
        boolean loaded = false;
        try {
            WasmPlugin plugin = prepare(module, ModuleInterface.of(wasm), manifest, limits, log);
            plugin.warmUp();
            loaded = true;
            return plugin;
        } finally {
            if (!loaded) {
                module.close();
            }
        }
    }

    private WasmPlugin prepare(
            WasmModule module, ModuleInterface shape, PluginManifest manifest, InvocationLimits limits, PluginLog log) {
        ModuleAdmission.checkImports(shape);
        CallingConvention convention = ModuleAdmission.convention(shape, manifest, limits.outputBytes());
        GuestFactory factory = new GuestFactory(() -> module, shape, manifest.name(), limits, log, idleGuests);
        InstancePool pool = convention.abi().equals(CommandAbi.NAME)
                ? new FreshInstances(factory)
                : switch (manifest.instances().orElse(InstancePolicy.POOLED)) {
                    case POOLED -> new PooledInstances(factory, maxIdle, idleGuests);
                    case STATEFUL -> new StatefulInstance(factory, log);
                    case FRESH -> new FreshInstances(factory);
                };
        return new WasmPlugin(module, convention, pool, watch, limits.timeout());
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
