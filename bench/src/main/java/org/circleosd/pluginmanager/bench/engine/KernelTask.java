package org.circleosd.pluginmanager.bench.engine;

import java.util.List;
import org.circleosd.pluginmanager.api.engine.WasmEngine;
import org.circleosd.pluginmanager.api.engine.WasmFunction;

/** The least CPU time of a kernel, and its result. */
final class KernelTask {

    private KernelTask() {}

    static void run(WasmEngine engine, byte[] wasm, int size, double seconds) {
        WasmFunction kernel = engine.compile(wasm)
                .instantiate(List.of(), 64 << 20)
                .function("run")
                .orElseThrow();
        long[] result = {0};
        EngineTask.print("ms", Cpu.leastMillis(seconds, () -> result[0] = kernel.call(size)[0]));
        EngineTask.print("result", (double) (result[0] & 0xffff_ffffL));
    }
}
