package org.circleosd.pluginmanager.bench.engine;

import java.util.List;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmEngine;
import org.circleosd.pluginmanager.api.engine.WasmFunction;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.api.engine.WasmType;

/** What it costs to cross the border of a guest, to make an instance and to return one to its first state. */
final class CallTask {

    private static final int CALLS = 200_000;
    private static final int INSTANCES = 200;
    private static final long LIMIT = 64 << 20;

    private static final ImportedFunction NEXT = new ImportedFunction(
            "bench",
            "next",
            new WasmFunctionType(List.of(WasmType.I32), List.of(WasmType.I32)),
            (memory, args) -> args[0] + 1);

    private final WasmModule module;
    private final WasmInstance instance;
    private final double seconds;

    private CallTask(WasmEngine engine, byte[] wasm, double seconds) {
        this.module = engine.compile(wasm);
        this.instance = module.instantiate(List.of(NEXT), LIMIT);
        this.seconds = seconds;
    }

    static void run(WasmEngine engine, byte[] wasm, double seconds) {
        CallTask task = new CallTask(engine, wasm, seconds);
        task.calls();
        task.instances();
        task.resets();
    }

    private WasmFunction function(String name) {
        return instance.function(name).orElseThrow();
    }

    private void calls() {
        WasmFunction add = function("add");
        long[] sum = {0};
        EngineTask.print("add", nanosPerCall(() -> {
            for (int i = 0; i < CALLS; i++) {
                sum[0] = add.call(sum[0] ^ i, 1)[0]; // not a sum that the compiler knows beforehand
            }
        }));
        WasmFunction host = function("call_host");
        EngineTask.print("host", nanosPerCall(() -> host.call(CALLS)));
    }

    private double nanosPerCall(Runnable work) {
        return Cpu.leastMillis(seconds, work) / CALLS * 1e6;
    }

    private void instances() {
        double millis = Cpu.leastMillis(seconds, () -> {
            for (int i = 0; i < INSTANCES; i++) {
                try (WasmInstance made = module.instantiate(List.of(NEXT), LIMIT)) {
                    made.function("empty").orElseThrow().call();
                }
            }
        });
        EngineTask.print("instance", millis / INSTANCES * 1e3);
    }

    /** A reset after a call that wrote to each page of the first MiB and of all, less the cost of the call itself. */
    private void resets() {
        instance.capture();
        if (!instance.restore()) {
            return;
        }
        WasmFunction dirty = function("dirty");
        long all = instance.memory().orElseThrow().size();
        double call = micros(() -> dirty.call(all));
        double reset = micros(() -> {
            dirty.call(all);
            instance.restore();
        });
        EngineTask.print("reset", (reset - call) / (all / 1048576.0));
        EngineTask.print("clean", micros(instance::restore) / (all / 1048576.0));
    }

    private double micros(Runnable work) {
        return Cpu.leastMillis(seconds, () -> {
                    for (int i = 0; i < INSTANCES; i++) {
                        work.run();
                    }
                })
                / INSTANCES
                * 1e3;
    }
}
