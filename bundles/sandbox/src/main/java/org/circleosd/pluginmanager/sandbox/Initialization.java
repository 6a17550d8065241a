package org.circleosd.pluginmanager.sandbox;

import java.util.List;
import org.circleosd.pluginmanager.api.engine.WasmFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmType;

/** The exports that must run once in a new instance before any other, in their order. */
final class Initialization {

    private static final String REACTOR = "_initialize";
    private static final String CONSTRUCTORS = "__wasm_call_ctors";
    private static final String HASKELL = "hs_init";

    /** hs_init takes a command line: there is none. */
    private static final long[] NO_ARGUMENTS = {0, 0};

    private final List<String> plain;
    private final boolean haskell;

    private Initialization(List<String> plain, boolean haskell) {
        this.plain = plain;
        this.haskell = haskell;
    }

    /** WASI's rule: a reactor's {@code _initialize}. */
    static Initialization ofReactor(ModuleExports exports) {
        return new Initialization(
                exports.hasFunction(REACTOR, Initialization::isPlain) ? List.of(REACTOR) : List.of(), false);
    }

    /** Extism's rule: it knows the run-time systems of Haskell and of C, and never runs {@code _start}. */
    static Initialization ofExtism(ModuleExports exports) {
        if (exports.hasFunction(HASKELL, Initialization::takesCommandLine)) {
            return new Initialization(ofReactor(exports).plain, true);
        }
        return exports.hasFunction(CONSTRUCTORS, Initialization::isPlain)
                ? new Initialization(List.of(CONSTRUCTORS), false)
                : ofReactor(exports);
    }

    /** Runs on the calling thread. */
    void run(WasmInstance instance) {
        for (String name : plain) {
            function(instance, name).call();
        }
        if (haskell) {
            function(instance, HASKELL).call(NO_ARGUMENTS);
        }
    }

    private static WasmFunction function(WasmInstance instance, String name) {
        return instance.function(name)
                .orElseThrow(() -> new IllegalStateException("the engine lost the export " + name));
    }

    private static boolean isPlain(WasmFunctionType type) {
        return type.params().isEmpty() && type.results().isEmpty();
    }

    private static boolean takesCommandLine(WasmFunctionType type) {
        return type.params().equals(List.of(WasmType.I32, WasmType.I32));
    }
}
