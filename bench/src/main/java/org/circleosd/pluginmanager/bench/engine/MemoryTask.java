package org.circleosd.pluginmanager.bench.engine;

import java.lang.management.ManagementFactory;
import java.lang.management.MemoryPoolMXBean;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.circleosd.pluginmanager.api.engine.WasmEngine;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;

/** What a module and an instance keep, in KiB. */
final class MemoryTask {

    private static final long LIMIT = 256 << 20;

    private MemoryTask() {}

    private record Used(double heap, double metaspace) {

        static Used now() {
            for (int i = 0; i < 3; i++) {
                System.gc();
            }
            double metaspace = ManagementFactory.getMemoryPoolMXBeans().stream()
                    .filter(pool -> pool.getName().equals("Metaspace"))
                    .mapToLong((MemoryPoolMXBean pool) -> pool.getUsage().getUsed())
                    .sum();
            double heap =
                    ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
            return new Used(heap / 1024, metaspace / 1024);
        }
    }

    static void run(WasmEngine engine, byte[] wasm, int modules, int instances) {
        List<AutoCloseable> kept = new ArrayList<>();
        WasmModule module = load(engine, wasm, 0, kept); // loads the engine's own classes
        Used before = Used.now();
        for (int i = 1; i <= modules; i++) {
            module = load(engine, wasm, i, kept);
        }
        Used loaded = Used.now();
        for (int i = 0; i < instances; i++) {
            WasmInstance instance = module.instantiate(List.of(), LIMIT);
            call(instance);
            kept.add(instance);
        }
        Used started = Used.now();
        EngineTask.print("heap", (loaded.heap - before.heap) / modules);
        EngineTask.print("metaspace", (loaded.metaspace - before.metaspace) / modules);
        EngineTask.print("instance", (started.heap - loaded.heap) / instances);
        EngineTask.print("kept", kept.size());
    }

    private static WasmModule load(WasmEngine engine, byte[] wasm, int number, List<AutoCloseable> kept) {
        WasmModule module = engine.compile(variant(wasm, number));
        kept.add(module);
        try (WasmInstance instance = module.instantiate(List.of(), LIMIT)) {
            call(instance);
        }
        return module;
    }

    private static void call(WasmInstance instance) {
        instance.function("clear_shared_bytes").orElseThrow().call(16);
    }

    /** Appends a custom section, so that no two modules are the same to a store. */
    private static byte[] variant(byte[] wasm, int number) {
        byte[] section = {0, 3, 1, 'n', (byte) number};
        byte[] made = Arrays.copyOf(wasm, wasm.length + section.length);
        System.arraycopy(section, 0, made, wasm.length, section.length);
        return made;
    }
}
