package org.circleosd.pluginmanager.sandbox;

import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmType;

/** Numbers in, numbers out: every exported function that takes and returns numbers only. */
final class RawAbi implements CallingConvention {

    static final String NAME = "raw";

    private final Map<String, WasmFunctionType> types;
    private final List<String> functions;

    RawAbi(ModuleExports exports) {
        SortedMap<String, WasmFunctionType> callable = exports.callable(type ->
                !type.params().contains(WasmType.OTHER) && !type.results().contains(WasmType.OTHER));
        types = Map.copyOf(callable);
        functions = List.copyOf(callable.keySet());
    }

    /** Says what a module of this convention exports. */
    static String expected() {
        return "functions that take and return i32, i64, f32 and f64 only";
    }

    @Override
    public String abi() {
        return NAME;
    }

    @Override
    public List<String> functions() {
        return functions;
    }

    @Override
    public GuestCall prepare(Invocation invocation) {
        WasmFunctionType type = types.get(invocation.function());
        if (type == null) {
            throw CallingConvention.functionNotFound(invocation.function(), functions);
        }
        String name = invocation.function();
        long[] args = JsonNumbers.parse(name, type.params(), invocation.payload());
        return guest -> JsonNumbers.write(type.results(), guest.function(name).call(args));
    }
}
