package org.circleosd.pluginmanager.sandbox.extism;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmType;
import org.jspecify.annotations.Nullable;

/**
 * The functions that an Extism host offers to its plugins, with positions and lengths as i64.
 *
 * @see <a href="https://extism.org/docs/concepts/memory">Extism memory</a>
 */
public final class ExtismFunctions {

    /** First part of the functions' names. */
    public static final String MODULE = "extism:host/env";

    /** Functions of Extism's own kernel that only its host calls. */
    private static final Set<String> KERNEL =
            Set.of("reset", "memory_bytes", "input_set", "output_length", "output_offset");

    private static final Map<String, Entry> ENTRIES = new HashMap<>();

    static {
        defineMemory();
        defineCall();
        defineHost();
    }

    private ExtismFunctions() {}

    /** Returns the type of the function of this name; null if there is none. */
    public static @Nullable WasmFunctionType type(String name) {
        Entry entry = ENTRIES.get(name);
        return entry == null ? null : entry.type;
    }

    /** Says whether this name is a function that Extism keeps for its own host. */
    public static boolean isOfKernel(String name) {
        return KERNEL.contains(name);
    }

    /** Makes the function of this name act on one guest's view of the host. */
    public static ImportedFunction bind(String name, ExtismGuest guest) {
        Entry entry = ENTRIES.get(name);
        if (entry == null) {
            throw new IllegalStateException("no Extism function " + name);
        }
        return new ImportedFunction(MODULE, name, entry.type, entry.body.apply(guest));
    }

    private static void defineMemory() {
        // One step from the engine to the blocks: these are called once for every eight bytes that a plugin reads.
        define("alloc", "I", "I", guest -> {
            Blocks blocks = guest.blocks();
            return (memory, args) -> blocks.alloc(args[0]);
        });
        define("load_u8", "I", "i", guest -> {
            Blocks blocks = guest.blocks();
            return (memory, args) -> blocks.load8(args[0]);
        });
        define("load_u64", "I", "I", guest -> {
            Blocks blocks = guest.blocks();
            return (memory, args) -> blocks.load64(args[0]);
        });
        define("store_u8", "Ii", "", guest -> {
            Blocks blocks = guest.blocks();
            return (memory, args) -> {
                blocks.store8(args[0], args[1]);
                return 0;
            };
        });
        define("store_u64", "II", "", guest -> {
            Blocks blocks = guest.blocks();
            return (memory, args) -> {
                blocks.store64(args[0], args[1]);
                return 0;
            };
        });
        define("length", "I", "I", guest -> (memory, args) -> guest.blocks().length(args[0]));
        // Without a sign of its own for what is no handle, so it may as well be right.
        define(
                "length_unsafe",
                "I",
                "I",
                guest -> (memory, args) -> guest.blocks().length(args[0]));
        defineVoid("free", "I", (guest, args) -> guest.free(args[0]));
    }

    private static void defineCall() {
        define("input_length", "", "I", guest -> (memory, args) -> guest.inputLength());
        define("input_offset", "", "I", guest -> (memory, args) -> guest.inputOffset());
        define("input_load_u8", "I", "i", guest -> (memory, args) -> guest.inputLoad8(args[0]));
        define("input_load_u64", "I", "I", guest -> (memory, args) -> guest.inputLoad64(args[0]));
        defineVoid("output_set", "II", (guest, args) -> guest.setOutput(args[0], args[1]));
        defineVoid("error_set", "I", (guest, args) -> guest.setError(args[0]));
        define("error_get", "", "I", guest -> (memory, args) -> guest.getError());
    }

    private static void defineHost() {
        define("config_get", "I", "I", guest -> (memory, args) -> guest.config(args[0]));
        define("var_get", "I", "I", guest -> (memory, args) -> guest.getVariable(args[0]));
        defineVoid("var_set", "II", (guest, args) -> guest.setVariable(args[0], args[1]));
        define("http_request", "II", "I", guest -> (memory, args) -> guest.request(args[0], args[1]));
        define("http_status_code", "", "i", guest -> (memory, args) -> guest.status());
        define("http_headers", "", "I", guest -> (memory, args) -> guest.headers());
        defineVoid("log_trace", "I", (guest, args) -> guest.log(LogLevel.TRACE, args[0]));
        defineVoid("log_debug", "I", (guest, args) -> guest.log(LogLevel.DEBUG, args[0]));
        defineVoid("log_info", "I", (guest, args) -> guest.log(LogLevel.INFO, args[0]));
        defineVoid("log_warn", "I", (guest, args) -> guest.log(LogLevel.WARN, args[0]));
        defineVoid("log_error", "I", (guest, args) -> guest.log(LogLevel.ERROR, args[0]));
        define("get_log_level", "", "i", guest -> (memory, args) -> guest.logLevel());
    }

    /** Defines a function; {@code i} stands for an i32 and {@code I} for an i64. */
    private static void define(
            String name, String params, String results, Function<ExtismGuest, ImportedFunction.Body> body) {
        ENTRIES.put(name, new Entry(new WasmFunctionType(types(params), types(results)), body));
    }

    /** Defines a function without a result. */
    private static void defineVoid(String name, String params, Effect effect) {
        define(name, params, "", guest -> (memory, args) -> {
            effect.on(guest, args);
            return 0;
        });
    }

    private static List<WasmType> types(String letters) {
        List<WasmType> types = new ArrayList<>();
        for (int at = 0; at < letters.length(); at++) {
            types.add(letters.charAt(at) == 'i' ? WasmType.I32 : WasmType.I64);
        }
        return types;
    }

    private record Entry(WasmFunctionType type, Function<ExtismGuest, ImportedFunction.Body> body) {}

    /** What a function without a result does to one guest's view of the host. */
    @FunctionalInterface
    private interface Effect {
        void on(ExtismGuest guest, long[] args);
    }
}
