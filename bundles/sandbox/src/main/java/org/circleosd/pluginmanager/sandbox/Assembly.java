package org.circleosd.pluginmanager.sandbox;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunction;
import org.circleosd.pluginmanager.api.engine.WasmImport;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.sandbox.Linkage.Part;
import org.jspecify.annotations.Nullable;

/**
 * One guest while it is put together: instances of all modules that are needed, each before those that import from it.
 * Modules that import functions from each other in a circle are linked by relays that find their function when they are
 * called. For one thread.
 */
final class Assembly {

    private final Map<String, Part> parts;
    private final HostView host;
    private final long memoryBytes;
    /** In the order in which they were made: none is used by one before it. */
    private final List<WasmInstance> made = new ArrayList<>();
    /** Those that all importers share. */
    private final Map<String, WasmInstance> shared = new HashMap<>();
    /** Those that wait for what they import. */
    private final Map<String, Pending> pending = new HashMap<>();

    Assembly(Map<String, Part> parts, HostView host, long memoryBytes) {
        this.parts = parts;
        this.host = host;
        this.memoryBytes = memoryBytes;
    }

    Guest make() {
        boolean done = false;
        try {
            WasmInstance main = instance(Linkage.MAIN);
            List<WasmInstance> others = made.stream().filter(one -> one != main).toList();
            done = true;
            return new Guest(main, others, host);
        } finally {
            if (!done) {
                Guest.closeAll(made);
            }
        }
    }

    private WasmInstance instance(String name) {
        WasmInstance present = shared.get(name);
        if (present != null) {
            return present;
        }
        Part part = part(name);
        Pending waiting = new Pending(name);
        pending.put(name, waiting);
        WasmInstance instance = instantiate(name, part);
        made.add(instance);
        waiting.instance = instance;
        pending.remove(name);
        if (!part.program() || name.equals(Linkage.MAIN)) {
            shared.put(name, instance);
            // A program's own start is for whoever runs it, and nobody does.
            part.initialization().run(instance);
        }
        return instance;
    }

    private WasmInstance instantiate(String name, Part part) {
        List<ImportedFunction> functions = new ArrayList<>(part.ofHost().bind(host));
        Map<String, WasmInstance> sources = new HashMap<>();
        for (String source : part.sources()) {
            if (!pending.containsKey(source)) {
                sources.put(source, instance(source));
            }
        }
        for (WasmImport wanted : part.ofModules()) {
            Pending waiting = pending.get(wanted.module());
            if (waiting != null) {
                functions.add(relay(name, wanted, waiting));
            }
        }
        return part.code().code().get().instantiate(functions, sources, memoryBytes);
    }

    private static ImportedFunction relay(String importer, WasmImport wanted, Pending waiting) {
        if (wanted.type() == null || wanted.type().results().size() > 1) {
            throw new PluginException(
                    ErrorCode.PLUGIN_INVALID,
                    "the modules '" + importer + "' and '" + wanted.module() + "' import from each other, and "
                            + wanted.module() + "." + wanted.name() + " is "
                            + (wanted.type() == null ? "a " + wanted.kind() : "a function with several results")
                            + "; in a circle there can be functions with at most one result only");
        }
        return new ImportedFunction(wanted.module(), wanted.name(), wanted.type(), new Relay(waiting, wanted.name()));
    }

    private Part part(String name) {
        Part part = parts.get(name);
        if (part == null) {
            throw new IllegalStateException("no module " + name);
        }
        return part;
    }

    /** A module that others import from before it is there. */
    private static final class Pending {

        final String name;

        @Nullable
        WasmInstance instance;

        Pending(String name) {
            this.name = name;
        }
    }

    /** Calls a function that is found by its first call. */
    private static final class Relay implements ImportedFunction.Body {

        private final Pending module;
        private final String name;
        private @Nullable WasmFunction function;

        Relay(Pending module, String name) {
            this.module = module;
            this.name = name;
        }

        @Override
        public long call(GuestMemory memory, long[] args) {
            WasmFunction target = function;
            if (target == null) {
                target = find();
                function = target;
            }
            long[] results = target.call(args);
            return results.length == 0 ? 0 : results[0];
        }

        private WasmFunction find() {
            if (module.instance == null) {
                throw new PluginException(
                        ErrorCode.PLUGIN_TRAP,
                        module.name + "." + name + " is called while module '" + module.name
                                + "' still waits for the modules that it imports from");
            }
            return module.instance
                    .function(name)
                    .orElseThrow(() -> new IllegalStateException("the engine lost the export " + name));
        }
    }
}
