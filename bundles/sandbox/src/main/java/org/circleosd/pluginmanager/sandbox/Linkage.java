package org.circleosd.pluginmanager.sandbox;

import java.util.function.Supplier;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.sandbox.extism.ExtismGuest;
import org.circleosd.pluginmanager.sandbox.module.ModuleInterface;
import org.circleosd.pluginmanager.sandbox.wasi.Wasi;
import org.jspecify.annotations.Nullable;

/** A plugin's code and what it is linked to. Thread-safe. */
final class Linkage {

    private final Supplier<WasmModule> module;
    private final HostImports imports;
    private final Initialization initialization;

    private Linkage(Supplier<WasmModule> module, HostImports imports, Initialization initialization) {
        this.module = module;
        this.imports = imports;
        this.initialization = initialization;
    }

    /**
     * Finds what a module imports.
     *
     * @param module gives the compiled module, or waits for it
     * @param shape of that module
     * @param extism whether it is initialised as Extism's hosts do it
     */
    static Linkage of(
            Supplier<WasmModule> module,
            ModuleInterface shape,
            HostFunctions functions,
            String pluginName,
            boolean extism) {
        ModuleExports exports = ModuleExports.of(shape);
        return new Linkage(
                module,
                HostImports.find(shape.imports(), functions, pluginName),
                extism ? Initialization.ofExtism(exports) : Initialization.ofReactor(exports));
    }

    /** Makes a guest; runs its start function and, once, what initialises it, on the calling thread. */
    Guest link(Wasi wasi, @Nullable ExtismGuest extism, long memoryBytes) {
        WasmInstance instance = module.get().instantiate(imports.bind(wasi, extism), memoryBytes);
        Guest guest = new Guest(instance, wasi, extism);
        boolean done = false;
        try {
            initialization.run(guest);
            done = true;
            return guest;
        } finally {
            if (!done) {
                guest.close();
            }
        }
    }
}
