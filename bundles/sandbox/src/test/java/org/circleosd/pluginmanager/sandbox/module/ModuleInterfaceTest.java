package org.circleosd.pluginmanager.sandbox.module;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.engine.chicory.ChicoryEngine;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ModuleInterfaceTest {

    static Stream<Path> modules() throws IOException {
        try (Stream<Path> test = Files.list(Path.of("src/test/plugins"));
                Stream<Path> examples = Files.walk(Path.of("../../plugins"))) {
            List<Path> files = Stream.concat(test, examples)
                    .filter(file -> file.toString().endsWith(".wasm"))
                    .sorted()
                    .toList();
            assertThat(files).hasSizeGreaterThan(10);
            return files.stream();
        }
    }

    @ParameterizedTest
    @MethodSource("modules")
    void anyModule_isReadAsTheEngineReadsIt(Path file) throws IOException {
        byte[] wasm = Files.readAllBytes(file);

        ModuleInterface read = ModuleInterface.of(wasm);

        try (WasmModule module = new ChicoryEngine().compile(wasm)) {
            assertThat(read.imports()).isEqualTo(module.imports());
            assertThat(read.exports()).isEqualTo(module.exports());
            assertThat(read.functionCount()).isEqualTo(module.functionCount());
        }
    }
}
