package org.circleosd.pluginmanager.bench.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.circleosd.pluginmanager.api.engine.WasmEngine;

/** Runs one task on one engine and prints a line {@code name value} for each figure. */
public final class EngineTask {

    private EngineTask() {}

    /** Takes the engine, the folder where it may keep its code, the task, a module and what the task takes. */
    public static void main(String[] args) throws IOException {
        WasmEngine engine = engine(args[0], Path.of(args[1]));
        byte[] wasm = Files.readAllBytes(Path.of(args[3]));
        List<String> rest = Arrays.asList(args).subList(4, args.length);
        switch (args[2]) {
            case "kernel" -> KernelTask.run(engine, wasm, Integer.parseInt(rest.get(0)), seconds(rest.get(1)));
            case "format" -> FormatTask.run(engine, wasm, Path.of(rest.get(0)), seconds(rest.get(1)));
            case "load" -> LoadTask.run(engine, wasm, Integer.parseInt(rest.get(0)));
            case "memory" -> MemoryTask.run(engine, wasm, Integer.parseInt(rest.get(0)), Integer.parseInt(rest.get(1)));
            case "calls" -> CallTask.run(engine, wasm, seconds(rest.get(0)));
            default -> throw new IllegalArgumentException("unknown task " + args[2]);
        }
    }

    private static WasmEngine engine(String name, Path store) throws IOException {
        return switch (name) {
            case "ours" -> OurEngine.open(store);
            case "stock" -> StockChicory.withoutCache();
            case "cached" -> StockChicory.withCache(store);
            default -> throw new IllegalArgumentException("unknown engine " + name);
        };
    }

    private static double seconds(String text) {
        return Double.parseDouble(text);
    }

    static void print(String name, double value) {
        // Not rounded: checksums travel this way, too.
        System.out.println(name + " " + value);
    }
}
