package org.circleosd.pluginmanager.bench.engine;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.zip.CRC32;
import org.circleosd.pluginmanager.api.engine.WasmEngine;

/** Formats a text with a plugin of dprint: the first time, and once the code is hot. */
final class FormatTask {

    private static final int MEMORY = 256 << 20;

    private FormatTask() {}

    static void run(WasmEngine engine, byte[] wasm, Path file, double seconds) throws IOException {
        byte[] source = Files.readAllBytes(file);
        String path = file.getFileName().toString();
        Formatter formatter = new Formatter(engine.compile(wasm).instantiate(List.of(), MEMORY));
        double start = Cpu.millis();
        byte[] formatted = formatter.format(path, source);
        EngineTask.print("first", Cpu.millis() - start);
        EngineTask.print("ms", Cpu.leastMillis(seconds, () -> formatter.format(path, source)));
        CRC32 sum = new CRC32();
        sum.update(formatted);
        EngineTask.print("result", (double) sum.getValue());
    }
}
