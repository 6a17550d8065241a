package org.circleosd.pluginmanager.api.engine;

import java.util.List;

/**
 * Parameters and results of a wasm function.
 *
 * @see <a href="https://webassembly.github.io/spec/core/syntax/types.html#function-types">function types</a>
 */
public record WasmFunctionType(List<WasmType> params, List<WasmType> results) {

    /** Copies the lists. */
    public WasmFunctionType {
        params = List.copyOf(params);
        results = List.copyOf(results);
    }
}
