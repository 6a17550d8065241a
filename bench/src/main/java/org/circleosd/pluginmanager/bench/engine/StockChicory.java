package org.circleosd.pluginmanager.bench.engine;

import com.dylibso.chicory.compiler.Cache;
import com.dylibso.chicory.compiler.InterpreterFallback;
import com.dylibso.chicory.compiler.MachineFactoryCompiler;
import com.dylibso.chicory.wasm.Parser;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.api.engine.WasmEngine;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.jspecify.annotations.Nullable;

/** The peer: Chicory as its manual has it, with its own compiler, memory and cache. */
final class StockChicory implements WasmEngine {

    private final @Nullable Cache cache;

    private StockChicory(@Nullable Cache cache) {
        this.cache = cache;
    }

    static StockChicory withoutCache() {
        return new StockChicory(null);
    }

    static StockChicory withCache(Path folder) throws IOException {
        Files.createDirectories(folder);
        return new StockChicory(new Cache() {

            private Path file(String key) {
                return folder.resolve(key.replaceAll("[^A-Za-z0-9]", "_"));
            }

            @Override
            public byte @Nullable [] get(String key) throws IOException {
                return Files.exists(file(key)) ? Files.readAllBytes(file(key)) : null;
            }

            @Override
            public void putIfAbsent(String key, byte[] data) throws IOException {
                Files.write(file(key), data);
            }
        });
    }

    @Override
    public String name() {
        return "stock chicory";
    }

    @Override
    public WasmModule compile(byte[] wasm, Sha256 digest, CompileProgress progress) {
        com.dylibso.chicory.wasm.WasmModule parsed = Parser.parse(wasm);
        MachineFactoryCompiler.Builder compiler =
                MachineFactoryCompiler.builder(parsed).withInterpreterFallback(InterpreterFallback.SILENT);
        if (cache != null) {
            compiler = compiler.withCache(cache);
        }
        return new StockModule(parsed, compiler.compile());
    }
}
