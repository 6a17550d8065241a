package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.wasm.types.ExternalType;
import com.dylibso.chicory.wasm.types.FunctionImport;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmExport;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmImport;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.jspecify.annotations.Nullable;

/** A compiled module. */
final class ChicoryModule implements WasmModule {

    private final List<WasmImport> imports;
    private final List<WasmExport> exports;
    private volatile @Nullable CompiledCode code;

    private final MemoryBudget budget;
    private final int functions;
    private final int interpreted;

    ChicoryModule(CompiledCode code, MemoryBudget budget) {
        this.budget = budget;
        this.code = code;
        this.functions = code.module().functionSection().functionCount();
        this.interpreted = code.interpreted();
        this.imports = imports(code.module());
        this.exports = exports(code.module());
    }

    private static List<WasmImport> imports(com.dylibso.chicory.wasm.WasmModule module) {
        return module.importSection().stream()
                .map(wanted -> new WasmImport(
                        wanted.module(),
                        wanted.name(),
                        ImportLinker.kind(wanted.importType()),
                        wanted instanceof FunctionImport function
                                ? WasmTypes.of(module.typeSection().getType(function.typeIndex()))
                                : null))
                .toList();
    }

    private static List<WasmExport> exports(com.dylibso.chicory.wasm.WasmModule module) {
        int[] functionTypes = functionTypes(module);
        return IntStream.range(0, module.exportSection().exportCount())
                .mapToObj(module.exportSection()::getExport)
                .map(export -> new WasmExport(
                        export.name(),
                        ImportLinker.kind(export.exportType()),
                        export.exportType() == ExternalType.FUNCTION
                                ? type(module, functionTypes[export.index()])
                                : null))
                .toList();
    }

    private static WasmFunctionType type(com.dylibso.chicory.wasm.WasmModule module, int index) {
        return WasmTypes.of(module.typeSection().getType(index));
    }

    /** Type indices of all functions: first the imported ones, then the module's own. */
    private static int[] functionTypes(com.dylibso.chicory.wasm.WasmModule module) {
        IntStream imported = module.importSection().stream()
                .filter(FunctionImport.class::isInstance)
                .mapToInt(wanted -> ((FunctionImport) wanted).typeIndex());
        IntStream own = IntStream.range(0, module.functionSection().functionCount())
                .map(module.functionSection()::getFunctionType);
        return IntStream.concat(imported, own).toArray();
    }

    @Override
    public List<WasmImport> imports() {
        return imports;
    }

    @Override
    public List<WasmExport> exports() {
        return exports;
    }

    @Override
    public WasmInstance instantiate(
            List<ImportedFunction> offered, Map<String, WasmInstance> modules, long memoryBytes) {
        CompiledCode present = code;
        if (present == null) {
            throw new IllegalStateException("the module is closed");
        }
        return ChicoryInstance.of(present, exports, offered, modules, memoryBytes, budget);
    }

    @Override
    public int functionCount() {
        return functions;
    }

    @Override
    public int compiledCount() {
        return functions - interpreted;
    }

    @Override
    public void close() {
        code = null;
    }
}
