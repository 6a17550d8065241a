package org.circleosd.pluginmanager.bench.engine;

import java.util.List;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.api.engine.WasmEngine;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;

/** The time from a module's bytes to the answer of its first, trivial call; again and again in the same JVM. */
final class LoadTask {

    private LoadTask() {}

    static void run(WasmEngine engine, byte[] wasm, int times) {
        double least = Double.MAX_VALUE;
        for (int i = 0; i < times; i++) {
            System.gc(); // an engine may lend classes that are still there
            long start = System.nanoTime();
            try (WasmModule module = engine.compile(wasm, Sha256.of(wasm), CompileProgress.UNSEEN);
                    WasmInstance instance = module.instantiate(List.of(), 256 << 20)) {
                instance.function("clear_shared_bytes").orElseThrow().call(16);
            }
            double took = (System.nanoTime() - start) / 1e6;
            if (i == 0) {
                EngineTask.print("first", took);
            } else {
                least = Math.min(least, took);
            }
        }
        if (times > 1) {
            EngineTask.print("again", least);
        }
    }
}
