package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.WasmFunctionHandle;
import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.Import;
import com.dylibso.chicory.wasm.types.ImportSection;
import com.dylibso.chicory.wasm.types.TypeSection;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmType;
import org.jspecify.annotations.Nullable;

/** One instance's host functions, and the exception with which one of them left the guest. */
final class HostImports {

    private GuestMemory memory = LinearMemory.empty();
    private @Nullable RuntimeException thrown;

    void memory(GuestMemory present) {
        memory = present;
    }

    /**
     * Returns what a host function threw since the last question, else null. What reaches the caller through the
     * guest's frames may be wrapped or replaced by then.
     */
    @Nullable
    RuntimeException takeThrown() {
        RuntimeException taken = thrown;
        thrown = null;
        return taken;
    }

    /**
     * Finds a host function for each import.
     *
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} naming every import that cannot be given
     */
    ImportValues link(ImportSection imports, TypeSection types, List<ImportedFunction> offered) {
        Map<String, ImportedFunction> byName = new HashMap<>();
        for (ImportedFunction function : offered) {
            byName.put(key(function.module(), function.name()), function);
        }
        List<ImportFunction> linked = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (int i = 0; i < imports.importCount(); i++) {
            Import wanted = imports.getImport(i);
            if (wanted.importType() != ExternalType.FUNCTION) {
                problems.add(kind(wanted.importType()) + " " + name(wanted)
                        + " (a plugin must define its own, only functions can be imported)");
                continue;
            }
            FunctionType type = types.getType(((FunctionImport) wanted).typeIndex());
            WasmFunctionType expected = WasmTypes.of(type);
            ImportedFunction found = byName.get(key(wanted.module(), wanted.name()));
            if (found == null) {
                problems.add("function " + name(wanted) + " " + WasmTypes.text(expected) + " (the host has none)");
            } else if (!found.type().equals(expected)) {
                problems.add("function " + name(wanted) + " " + WasmTypes.text(expected) + " (the host's is "
                        + WasmTypes.text(found.type()) + ")");
            } else {
                linked.add(new ImportFunction(wanted.module(), wanted.name(), type, handle(found)));
            }
        }
        if (!problems.isEmpty()) {
            throw new PluginException(
                    ErrorCode.PLUGIN_INVALID, "imports that cannot be given: " + String.join(", ", problems));
        }
        return ImportValues.builder().withFunctions(linked).build();
    }

    private WasmFunctionHandle handle(ImportedFunction function) {
        ImportedFunction.Body body = function.body();
        List<WasmType> results = function.type().results();
        boolean narrow = results.equals(List.of(WasmType.I32)) || results.equals(List.of(WasmType.F32));
        // Read at once by the caller, so one array serves all calls of this instance's only thread.
        long[] result = new long[results.size()];
        return (instance, args) -> {
            try {
                long value = body.call(memory, args);
                if (result.length > 0) {
                    result[0] = narrow ? (int) value : value;
                }
                return result;
            } catch (RuntimeException e) {
                thrown = e;
                throw e;
            }
        };
    }

    static String kind(ExternalType type) {
        return type.name().toLowerCase(Locale.ROOT);
    }

    private static String name(Import wanted) {
        return "'" + Failure.oneLine(wanted.module() + "." + wanted.name()) + "'";
    }

    private static String key(String module, String name) {
        return module.length() + ":" + module + name;
    }
}
