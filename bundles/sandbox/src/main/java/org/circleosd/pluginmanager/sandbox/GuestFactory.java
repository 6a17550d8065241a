package org.circleosd.pluginmanager.sandbox;

import java.util.ArrayList;
import java.util.List;
import org.circleosd.pluginmanager.api.engine.HostFunction;
import org.circleosd.pluginmanager.api.engine.WasmImport;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.PluginLog;

/** Makes guests of one module: links, limits and initialises them. Thread-safe. */
final class GuestFactory {

    private static final String INITIALIZE = "_initialize";

    private final WasmModule module;
    private final String pluginName;
    private final InvocationLimits limits;
    private final PluginLog log;
    private final List<String> wasiImports;
    private final boolean reactor;

    /**
     * Makes a factory.
     *
     * @param module one whose imports are all WASI's
     */
    GuestFactory(WasmModule module, String pluginName, InvocationLimits limits, PluginLog log) {
        this.module = module;
        this.pluginName = pluginName;
        this.limits = limits;
        this.log = log;
        this.wasiImports =
                module.imports().stream().map(WasmImport::name).distinct().toList();
        ModuleExports exports = ModuleExports.of(module);
        this.reactor = exports.hasFunction(
                INITIALIZE, type -> type.params().isEmpty() && type.results().isEmpty());
    }

    /** Makes a guest and runs its start function and, once, a reactor's {@code _initialize}, on the calling thread. */
    Guest make() {
        Wasi wasi = new Wasi(pluginName, new CallLog(log, limits.outputBytes()));
        List<HostFunction> host = new ArrayList<>(wasiImports.size());
        for (String name : wasiImports) {
            host.add(WasiFunctions.bind(name, wasi));
        }
        try {
            return initialized(new Guest(module.instantiate(host, limits.memoryBytes()), wasi));
        } finally {
            wasi.endCall();
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
