package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;
import java.util.stream.Collectors;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmType;

/** Chicory's types in our words. */
final class WasmTypes {

    private WasmTypes() {}

    static WasmFunctionType of(FunctionType type) {
        return new WasmFunctionType(of(type.params()), of(type.returns()));
    }

    private static List<WasmType> of(List<ValType> types) {
        return types.stream().map(WasmTypes::of).toList();
    }

    private static WasmType of(ValType type) {
        return switch (type.opcode()) {
            case ValType.ID.I32 -> WasmType.I32;
            case ValType.ID.I64 -> WasmType.I64;
            case ValType.ID.F32 -> WasmType.F32;
            case ValType.ID.F64 -> WasmType.F64;
            default -> WasmType.OTHER;
        };
    }

    /** Writes a type as the specification does: {@code (i32 i32) -> (i64)}. */
    static String text(WasmFunctionType type) {
        return text(type.params()) + " -> " + text(type.results());
    }

    private static String text(List<WasmType> types) {
        return types.stream()
                .map(type -> switch (type) {
                    case I32 -> "i32";
                    case I64 -> "i64";
                    case F32 -> "f32";
                    case F64 -> "f64";
                    case OTHER -> "other";
                })
                .collect(Collectors.joining(" ", "(", ")"));
    }
}
