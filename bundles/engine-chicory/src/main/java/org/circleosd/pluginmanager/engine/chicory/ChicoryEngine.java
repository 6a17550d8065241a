package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.wasm.Version;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.api.engine.WasmEngine;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;

/** Runs wasm code compiled to JVM bytecode, with a memory of our own. */
@Component(
        service = WasmEngine.class,
        immediate = true,
        property = {"engine=chicory", "service.ranking:Integer=100"})
public final class ChicoryEngine implements WasmEngine {

    private final MemoryBudget budget = MemoryBudget.ofHeap();

    /** Warns if the JVM would leave large functions to its interpreter. */
    @Activate
    void activate() {
        HugeMethods.warnIfNotCompiled();
    }

    @Override
    public String name() {
        return "chicory " + Version.version();
    }

    @Override
    public WasmModule compile(byte[] wasm, Sha256 digest, CompileProgress progress) {
        return new ChicoryModule(CompiledCode.of(wasm), budget);
    }
}
