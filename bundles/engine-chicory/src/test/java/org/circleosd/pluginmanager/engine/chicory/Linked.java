package org.circleosd.pluginmanager.engine.chicory;

import static org.circleosd.pluginmanager.api.engine.WasmType.I32;

import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;

/** Three instances: "user" imports from "base", and "second" what "user" imports. */
final class Linked {

    /** The locals of the function "call" in "linked-user": 300 times i64. */
    private static final byte[] FEW_LOCALS = {1, (byte) 0xac, 0x02, 0x7e};

    private final WasmModule userModule;
    private final List<ImportedFunction> imports;
    final WasmInstance base;
    final WasmInstance user;
    final WasmInstance second;

    Linked(ImportedFunction.Body host) {
        this(new MemoryBudget(16 * Modules.MEBIBYTE), Modules.MEBIBYTE, host);
    }

    Linked(MemoryBudget budget, long memoryBytes, ImportedFunction.Body host) {
        this(budget, memoryBytes, Modules.bytes("linked-user"), host);
    }

    private Linked(MemoryBudget budget, long memoryBytes, byte[] userBytes, ImportedFunction.Body host) {
        imports = List.of(host("host", host));
        userModule = module(userBytes, budget);
        base = module(Modules.bytes("linked-base"), budget).instantiate(imports, memoryBytes);
        user = user(Map.of("base", base));
        second = module(Modules.bytes("linked-second"), budget)
                .instantiate(List.of(), Map.of("user", user), memoryBytes);
    }

    /** The same, but the engine interprets the function "call" of "user": its locals make it too large to compile. */
    static Linked interpreted(ImportedFunction.Body host) {
        byte[] wasm = Modules.bytes("linked-user");
        int at = 0;
        while (!Arrays.equals(wasm, at, at + FEW_LOCALS.length, FEW_LOCALS, 0, FEW_LOCALS.length)) {
            at++;
        }
        wasm[at + 1] = (byte) 0xff;
        wasm[at + 2] = 0x7f;
        return new Linked(new MemoryBudget(16 * Modules.MEBIBYTE), Modules.MEBIBYTE, wasm, host);
    }

    private static WasmModule module(byte[] wasm, MemoryBudget budget) {
        return new ChicoryModule(CompiledCode.of(ModuleCompiler.compile(wasm, CompileProgress.UNSEEN)), budget);
    }

    int interpretedCount() {
        return userModule.functionCount() - userModule.compiledCount();
    }

    WasmInstance user(Map<String, WasmInstance> modules) {
        return userModule.instantiate(imports, modules, Modules.MEBIBYTE);
    }

    static ImportedFunction host(String name, ImportedFunction.Body body) {
        return new ImportedFunction("test", name, new WasmFunctionType(List.of(I32), List.of(I32)), body);
    }
}
