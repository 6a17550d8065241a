package org.circleosd.pluginmanager.sandbox;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmImport;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.PluginLog;
import org.circleosd.pluginmanager.sandbox.module.ModuleInterface;
import org.circleosd.pluginmanager.sandbox.wasi.CallLog;
import org.circleosd.pluginmanager.sandbox.wasi.Wasi;
import org.circleosd.pluginmanager.sandbox.wasi.WasiFunctions;
import org.circleosd.pluginmanager.sandbox.wasi.WasiSettings;

/** Makes guests of one module: links, limits and initialises them. Thread-safe. */
final class GuestFactory {

    private static final String INITIALIZE = "_initialize";

    private final Supplier<WasmModule> module;
    private final WasiSettings wasiSettings;
    private final InvocationLimits limits;
    private final PluginLog log;
    private final IdleGuests idleGuests;
    private final List<String> wasiImports;
    private final boolean reactor;

    /**
     * Makes a factory.
     *
     * @param module gives the compiled module, or waits for it
     * @param shape of that module; all its imports are WASI's
     * @param wasiSettings what the guests see of the system
     * @param idleGuests give way when there is no memory for a new guest
     */
    GuestFactory(
            Supplier<WasmModule> module,
            ModuleInterface shape,
            WasiSettings wasiSettings,
            InvocationLimits limits,
            PluginLog log,
            IdleGuests idleGuests) {
        this.idleGuests = idleGuests;
        this.module = module;
        this.wasiSettings = wasiSettings;
        this.limits = limits;
        this.log = log;
        this.wasiImports =
                shape.imports().stream().map(WasmImport::name).distinct().toList();
        ModuleExports exports = ModuleExports.of(shape);
        this.reactor = exports.hasFunction(
                INITIALIZE, type -> type.params().isEmpty() && type.results().isEmpty());
    }

    /**
     * Makes a guest, see {@link #makeOnce}. If there is no memory for it, the guests of all plugins that only wait are
     * dropped and it is tried again.
     */
    Guest make() {
        try {
            return makeOnce();
        } catch (PluginException e) {
            if (e.code() == ErrorCode.OUT_OF_MEMORY && idleGuests.release() > 0) {
                return makeOnce();
            }
            throw e;
        }
    }

    /** Makes a guest and runs its start function and, once, a reactor's {@code _initialize}, on the calling thread. */
    private Guest makeOnce() {
        Wasi wasi = new Wasi(wasiSettings, new CallLog(log, limits.outputBytes()));
        List<ImportedFunction> host = new ArrayList<>(wasiImports.size());
        for (String name : wasiImports) {
            host.add(WasiFunctions.bind(name, wasi));
        }
        boolean made = false;
        try {
            Guest guest = initialized(new Guest(module.get().instantiate(host, limits.memoryBytes()), wasi));
            made = true;
            return guest;
        } finally {
            wasi.endCall();
            if (!made) {
                wasi.close();
            }
        }
    }

    private Guest initialized(Guest guest) {
        if (!reactor) {
            return guest;
        }
        boolean done = false;
        try {
            guest.function(INITIALIZE).call();
            done = true;
            return guest;
        } finally {
            if (!done) {
                guest.close();
            }
        }
    }
}
