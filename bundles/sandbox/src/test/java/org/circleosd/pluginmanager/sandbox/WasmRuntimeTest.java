package org.circleosd.pluginmanager.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class WasmRuntimeTest {

    private static final byte[] COMPONENT = {0, 'a', 's', 'm', 13, 0, 1, 0};

    @TempDir
    Path directory;

    private final Plugins plugins = new Plugins();

    @AfterEach
    void close() {
        plugins.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "unknown-import | PLUGIN_INVALID | env.mystery, wasi_snapshot_preview1.fd_teleport; expected functions of wasi_snapshot_preview1, of extism:host/env, of plugin_manager, of a module that the manifest links, or of a bundle that offers them",
                "no-functions   | PLUGIN_INVALID | it exports memory, alloc(i32) -> i32, odd(i32) -> i64; expected memory, an allocator (i32) -> i32 named plugin_alloc, alloc, allocate, malloc, and functions (i32, i32) -> i64 or (i32, i32) -> i32",
                "start-trap     | PLUGIN_TRAP    | unreachable",
            })
    void badModule_isRefusedWithTheReason(String name, ErrorCode code, String message) {
        Failures.assertFails(code, () -> plugins.load(name)).contains(message);
    }

    @Test
    void component_isIncompatible() throws IOException {
        Path file = Files.write(directory.resolve("component.wasm"), COMPONENT);
        Failures.assertFails(ErrorCode.INCOMPATIBLE, () -> plugins.load(file, "component"))
                .contains("component", "core modules");
    }

    @Test
    void textFile_isNoPlugin() throws IOException {
        Path file = Files.writeString(directory.resolve("text.wasm"), "this is not wasm");
        Failures.assertFails(ErrorCode.PLUGIN_INVALID, () -> plugins.load(file, "text"));
    }

    @Test
    void truncatedModule_isNoPlugin() throws IOException {
        byte[] whole = Files.readAllBytes(Plugins.TEST_PLUGINS.resolve("faults.wasm"));
        for (int length = 0; length < whole.length; length += 37) {
            Path file = Files.write(directory.resolve("cut.wasm"), Arrays.copyOf(whole, length));
            Failures.assertFails(ErrorCode.PLUGIN_INVALID, () -> plugins.load(file, "cut"));
        }
    }

    @Test
    void fileAboveTheLimit_isTooLarge() {
        try (Plugins small = new Plugins(new Plugins.TestConfig(1024, -1))) {
            assertThat(Plugins.text(small.load("faults"), "echo", "x")).isEqualTo("x");
            Failures.assertFails(ErrorCode.TOO_LARGE, () -> small.load("command"))
                    .contains("at most 1024 are loaded (module.bytes");
        }
    }

    @Test
    void moduleThatDeclaresMoreThanItsLimit_isRefused() {
        Failures.assertFails(
                ErrorCode.LIMIT_EXCEEDED, () -> plugins.memoryBytes(65536).load("command"));
    }

    @Test
    void everyWasiFunction_canBeImported() {
        LoadedPlugin plugin = plugins.abi("raw").load("wasi-all");
        assertThat(Plugins.text(plugin, "seven", "")).isEqualTo("7");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "numbers | bytes        | manifest /abi: the module does not fit 'bytes': it exports __internal() -> i32, add_f32(f32, f32) -> f32, ",
                "numbers | wasi-command | swap(i32, i64) -> (i64, i32); expected a function _start()",
                "numbers | json-2       | manifest /abi: 'json-2' is not known for wasm; expected bytes, wasi-command, extism or raw, or no abi",
            })
    void abiThatDoesNotFit_isIncompatible(String name, String abi, String message) {
        Failures.assertFails(ErrorCode.INCOMPATIBLE, () -> plugins.abi(abi).load(name))
                .contains(message);
    }

    @Test
    void abiInTheManifest_overridesWhatTheModuleShows() {
        LoadedPlugin plugin = plugins.abi("raw").load("no-functions");
        assertThat(plugin.abi()).isEqualTo("raw");
        assertThat(Plugins.text(plugin, "odd", "[1]")).isEqualTo("0");
    }

    @Test
    void describedFunctionThatIsNotThere_isIncompatible() {
        Failures.assertFails(ErrorCode.INCOMPATIBLE, () -> plugins.describing("echo", "sing")
                        .load("faults"))
                .contains("manifest /functions: sing cannot be called by the ABI bytes");
    }

    @Test
    void describedFunctionsOfACommand_areItsFunctions() {
        LoadedPlugin plugin = plugins.describing("probe", "echo").load("command");
        assertThat(plugin.functions()).containsExactly("echo", "probe");
        Failures.assertFails(ErrorCode.FUNCTION_NOT_FOUND, () -> Plugins.text(plugin, "nap", ""));
    }

    @Test
    void reactor_isInitialisedOnceAndPrintsToTheLog() {
        LoadedPlugin plugin = plugins.load("reactor");
        for (int i = 0; i < 3; i++) {
            plugins.log.clear();
            assertThat(Plugins.text(plugin, "handle", "hi")).isEqualTo("1");
            assertThat(plugins.log).containsExactlyInAnyOrder("out: hi", "err: hi");
        }
    }

    @Test
    void reactorThatPrintsWithoutEnd_isCutInEachCall() {
        LoadedPlugin plugin = plugins.outputBytes(100).load("reactor");
        for (int i = 0; i < 2; i++) {
            plugins.log.clear();
            plugin.invoke(Plugins.call("chatter", ""));
            assertThat(plugins.log).hasSize(2);
            assertThat(plugins.log.get(0)).hasSize(100);
            assertThat(plugins.log.get(1)).startsWith("[cut:");
        }
    }

    @ParameterizedTest
    @CsvSource({"0", "5"})
    void reactorThatExits_failsItsCallOnly(String code) {
        LoadedPlugin plugin = plugins.load("reactor");
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> Plugins.text(plugin, "leave", code))
                .isEqualTo("the plugin called exit(" + code + "); only a command may, others return");
        assertThat(Plugins.text(plugin, "handle", "hi")).isEqualTo("1");
    }

    @Test
    void closedPlugin_isUnavailable() {
        LoadedPlugin plugin = plugins.load("faults");
        plugin.close();
        Failures.assertFails(ErrorCode.UNAVAILABLE, () -> Plugins.text(plugin, "echo", "x"));
    }
}
