package org.circleosd.pluginmanager.bench.engine;

import com.dylibso.chicory.runtime.ImportFunction;
import com.dylibso.chicory.runtime.ImportValues;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Machine;
import com.dylibso.chicory.wasm.types.FunctionType;
import com.dylibso.chicory.wasm.types.ValType;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmExport;
import org.circleosd.pluginmanager.api.engine.WasmImport;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.api.engine.WasmType;

/** A module of the peer, as far as the benchmarks use one. */
record StockModule(com.dylibso.chicory.wasm.WasmModule module, Function<Instance, Machine> machines)
        implements WasmModule {

    @Override
    public WasmInstance instantiate(
            List<ImportedFunction> imports, Map<String, WasmInstance> modules, long memoryBytes) {
        ImportValues.Builder values = ImportValues.builder();
        for (ImportedFunction offered : imports) {
            values.addFunction(function(offered));
        }
        return new StockInstance(Instance.builder(module)
                .withMachineFactory(machines)
                .withImportValues(values.build())
                .withStart(false)
                .build());
    }

    private static ImportFunction function(ImportedFunction offered) {
        boolean answers = !offered.type().results().isEmpty();
        return new ImportFunction(
                offered.module(),
                offered.name(),
                FunctionType.of(
                        types(offered.type().params()), types(offered.type().results())),
                (instance, args) -> {
                    long result = offered.body().call(StockInstance.memory(instance), args);
                    return answers ? new long[] {result} : new long[0];
                });
    }

    private static List<ValType> types(List<WasmType> types) {
        return types.stream()
                .map(type -> switch (type) {
                    case I32 -> ValType.I32;
                    case I64 -> ValType.I64;
                    case F32 -> ValType.F32;
                    case F64 -> ValType.F64;
                    case OTHER -> throw new IllegalArgumentException("a type that no benchmark uses");
                })
                .toList();
    }

    @Override
    public List<WasmImport> imports() {
        throw new IllegalStateException("no benchmark asks for it");
    }

    @Override
    public List<WasmExport> exports() {
        throw new IllegalStateException("no benchmark asks for it");
    }

    @Override
    public int functionCount() {
        return module.functionSection().functionCount();
    }

    @Override
    public int compiledCount() {
        return functionCount();
    }

    @Override
    public void close() {}
}
