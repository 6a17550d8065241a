package org.circleosd.pluginmanager.sandbox.services;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmImport;
import org.circleosd.pluginmanager.api.engine.WasmType;
import org.circleosd.pluginmanager.api.runtime.HostFunction;
import org.circleosd.pluginmanager.sandbox.extism.ExtismGuest;
import org.jspecify.annotations.Nullable;

/**
 * The functions of the host's services: those of {@link #MODULE} take addresses and lengths, for plugins of any ABI, those
 * beside the functions of bundles take the handles of an Extism plugin. {@code docs/plugins.md} says what they do.
 */
public final class ServiceFunctions {

    /** First part of the names of those that take addresses. */
    public static final String MODULE = "plugin_manager";

    private static final byte[] NOTHING = {};

    private static final Map<String, Entry> ENTRIES = new HashMap<>();

    static {
        define(
                MODULE,
                "kv_get",
                "iiii",
                "I",
                (guest, extism, memory, args) ->
                        guest.getValue(memory, i(args, 0), i(args, 1), i(args, 2), i(args, 3)));
        define(
                MODULE,
                "kv_put",
                "iiii",
                "i",
                (guest, extism, memory, args) ->
                        guest.putValue(memory, i(args, 0), i(args, 1), i(args, 2), i(args, 3)));
        define(
                MODULE,
                "call",
                "iiiiii",
                "I",
                (guest, extism, memory, args) -> guest.call(memory, pair(args, 0), pair(args, 2), pair(args, 4)));
        define(
                MODULE,
                "call_result",
                "ii",
                "I",
                (guest, extism, memory, args) -> guest.result(memory, i(args, 0), i(args, 1)));
        define(HostFunction.EXTISM_USER, "plugin_call", "III", "I", (guest, extism, memory, args) -> {
            guest.call(text(extism, args[0]), text(extism, args[1]), bytes(extism, args[2]));
            return handle(extism, guest.answer());
        });
        define(
                HostFunction.EXTISM_USER,
                "plugin_call_error",
                "",
                "I",
                (guest, extism, memory, args) -> handle(extism, guest.error()));
    }

    private ServiceFunctions() {}

    /** Says whether the host's services have a function of this name. */
    public static boolean has(String namespace, String name) {
        return namespace.equals(MODULE) || ENTRIES.containsKey(key(namespace, name));
    }

    /** Returns the type of the function of this name; null if there is none. */
    public static @Nullable WasmFunctionType type(String namespace, String name) {
        Entry entry = ENTRIES.get(key(namespace, name));
        return entry == null ? null : entry.type;
    }

    /** Makes the function of this name act on one guest. */
    public static ImportedFunction bind(WasmImport wanted, ServiceGuest guest, @Nullable ExtismGuest extism) {
        Entry entry = ENTRIES.get(key(wanted.module(), wanted.name()));
        if (entry == null) {
            throw new IllegalStateException("no service function " + wanted.module() + "." + wanted.name());
        }
        return new ImportedFunction(
                wanted.module(),
                wanted.name(),
                entry.type,
                (memory, args) -> entry.body.call(guest, extism, memory, args));
    }

    /** Defines a function; {@code i} stands for an i32 and {@code I} for an i64. */
    private static void define(String namespace, String name, String params, String results, Body body) {
        ENTRIES.put(key(namespace, name), new Entry(new WasmFunctionType(types(params), types(results)), body));
    }

    private static String key(String namespace, String name) {
        return namespace + "." + name;
    }

    private static List<WasmType> types(String letters) {
        List<WasmType> types = new ArrayList<>();
        for (int at = 0; at < letters.length(); at++) {
            types.add(letters.charAt(at) == 'i' ? WasmType.I32 : WasmType.I64);
        }
        return types;
    }

    private static int i(long[] args, int at) {
        return (int) args[at];
    }

    /** An address with its length. */
    private static int[] pair(long[] args, int at) {
        return new int[] {(int) args[at], (int) args[at + 1]};
    }

    private static String text(@Nullable ExtismGuest extism, long handle) {
        return new String(bytes(extism, handle), UTF_8);
    }

    private static byte[] bytes(@Nullable ExtismGuest extism, long handle) {
        return extism == null ? NOTHING : extism.read(handle);
    }

    private static long handle(@Nullable ExtismGuest extism, byte[] bytes) {
        return extism == null ? 0 : extism.give("plugin_call", bytes);
    }

    private record Entry(WasmFunctionType type, Body body) {}

    /** What a function does for one guest. */
    @FunctionalInterface
    private interface Body {
        long call(ServiceGuest guest, @Nullable ExtismGuest extism, GuestMemory memory, long[] args);
    }
}
