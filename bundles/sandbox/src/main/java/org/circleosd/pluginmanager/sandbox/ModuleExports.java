package org.circleosd.pluginmanager.sandbox;

import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.circleosd.pluginmanager.api.engine.WasmExport;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmType;
import org.circleosd.pluginmanager.sandbox.module.ModuleInterface;

/** What a module offers, by name. */
final class ModuleExports {

    /** Most exports that a message lists; real modules have thousands. */
    private static final int SHOWN = 20;

    private final SortedMap<String, WasmFunctionType> functions;
    private final boolean memory;

    private ModuleExports(SortedMap<String, WasmFunctionType> functions, boolean memory) {
        this.functions = Collections.unmodifiableSortedMap(functions);
        this.memory = memory;
    }

    static ModuleExports of(ModuleInterface module) {
        SortedMap<String, WasmFunctionType> functions = new TreeMap<>();
        boolean memory = false;
        for (WasmExport export : module.exports()) {
            WasmFunctionType type = export.type();
            if (type != null) {
                functions.put(export.name(), type);
            }
            memory |= export.kind().equals("memory");
        }
        return new ModuleExports(functions, memory);
    }

    boolean hasMemory() {
        return memory;
    }

    boolean hasFunction(String name) {
        return functions.containsKey(name);
    }

    /** Says whether a function of this name exists and has a type that fits. */
    boolean hasFunction(String name, Predicate<WasmFunctionType> shape) {
        WasmFunctionType type = functions.get(name);
        return type != null && shape.test(type);
    }

    /** Returns the functions that can be called from outside by their shape: sorted, without a toolchain's own. */
    SortedMap<String, WasmFunctionType> callable(Predicate<WasmFunctionType> shape) {
        SortedMap<String, WasmFunctionType> found = new TreeMap<>();
        functions.forEach((name, type) -> {
            // C reserves names with two underscores for the toolchain: __wasm_call_ctors, __original_main.
            boolean internal = name.startsWith("__") || name.equals("_initialize") || name.equals("_start");
            if (!internal && shape.test(type)) {
                found.put(name, type);
            }
        });
        return found;
    }

    /** Lists the exports for a message, as {@code memory, add(i32, i32) -> i32}. */
    String describe() {
        String list = functions.entrySet().stream()
                .limit(SHOWN)
                .map(entry -> entry.getKey() + signature(entry.getValue()))
                .collect(Collectors.joining(", "));
        String more = functions.size() > SHOWN ? " and " + (functions.size() - SHOWN) + " more" : "";
        String all = (memory ? "memory" : "") + (memory && !list.isEmpty() ? ", " : "") + list + more;
        return all.isEmpty() ? "nothing" : all;
    }

    /** Writes a type as {@code (i32, i32) -> i64}, several results in parentheses. */
    static String signature(WasmFunctionType type) {
        String params = "(" + names(type.params()) + ")";
        return switch (type.results().size()) {
            case 0 -> params;
            case 1 -> params + " -> " + names(type.results());
            default -> params + " -> (" + names(type.results()) + ")";
        };
    }

    private static String names(List<WasmType> types) {
        return types.stream().map(type -> type.name().toLowerCase(Locale.ROOT)).collect(Collectors.joining(", "));
    }
}
