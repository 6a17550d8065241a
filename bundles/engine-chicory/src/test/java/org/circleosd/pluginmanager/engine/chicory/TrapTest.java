package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.engine.chicory.Modules.call;
import static org.circleosd.pluginmanager.engine.chicory.Modules.failure;
import static org.circleosd.pluginmanager.engine.chicory.Modules.function;

import java.util.HexFormat;
import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrapTest {

    private static WasmModule module;

    @BeforeAll
    static void compile() {
        module = Modules.compile("traps");
    }

    @AfterAll
    static void close() {
        module.close();
    }

    private static WasmInstance instance() {
        return module.instantiate(List.of(), Modules.MEBIBYTE);
    }

    @ParameterizedTest
    @CsvSource({
        "unreachable, '', unreachable",
        "divide, 1 0, integer divide by zero",
        "divide, -2147483648 -1, integer overflow",
        "remainder64, 1 0, integer divide by zero",
        "truncate, 9221120237041090560, invalid conversion to integer",
        "truncate, 9218868437227405312, integer overflow",
        "load, 65533, '4 bytes at 65533, the memory has 65536 bytes'",
        "load, -1, out of bounds memory access",
        "load, 2147483647, out of bounds memory access",
        "load, -2147483648, out of bounds memory access",
        "load8far, 0, out of bounds memory access",
        "load8far, 1, out of bounds memory access",
        "load8far, 100, out of bounds memory access",
        "load64, 65529, out of bounds memory access",
        "store8, 65536 1, out of bounds memory access",
        "store16, 65535 1, out of bounds memory access",
        "storef64, 65530 0, out of bounds memory access",
        "fill, 65535 1 2, out of bounds memory access",
        "fill, -1 1 1, out of bounds memory access",
        "fill, 0 1 -1, out of bounds memory access",
        "fill, 2147483647 1 2147483647, out of bounds memory access",
        "copy, 65535 0 2, out of bounds memory access",
        "copy, 0 65535 2, out of bounds memory access",
        "copy, 0 0 -1, out of bounds memory access",
        "copy, 2147483647 0 2147483647, out of bounds memory access",
        "init, 65533 0 4, out of bounds memory access",
        "init, 0 1 4, out of bounds memory access",
        "init, 0 -1 2, out of bounds memory access",
        "callNone, 0, indirect call type mismatch",
        "callNone, 3, empty table slot 3",
        "callNone, 4, index outside of the table",
        "callNone, -1, index outside of the table",
        "tableGet, 2, out of bounds table access",
        "tableInit, 3 0 2, out of bounds table access",
        "recurse, 1, call stack exhausted"
    })
    void trap_isNamedAndTheInstanceStillComputes(String export, String args, String expected) {
        try (WasmInstance instance = instance()) {
            PluginException thrown = failure(
                    ErrorCode.PLUGIN_TRAP, () -> function(instance, export).call(numbers(args)));

            assertThat(thrown).hasMessageContaining("function '" + export + "'").hasMessageContaining(expected);
            assertThat(call(instance, "add", 2, 3)).isEqualTo(5);
            assertThat(call(instance, "callBinary", 0)).isEqualTo(5);
        }
    }

    @ParameterizedTest
    @CsvSource({"fill, 65536 1 0", "copy, 65536 65536 0", "init, 65536 4 0", "load, 65532", "store8, 65535 7"})
    void accessUpToTheEnd_works(String export, String args) {
        try (WasmInstance instance = instance()) {
            assertThat(function(instance, export).call(numbers(args))).hasSizeLessThan(2);
        }
    }

    @Test
    void droppedSegment_isEmpty() {
        try (WasmInstance instance = instance()) {
            function(instance, "init").call(0, 0, 4);
            function(instance, "drop").call();

            failure(ErrorCode.PLUGIN_TRAP, () -> function(instance, "init").call(0, 0, 1));
        }
    }

    @Test
    void overlappingCopy_movesTheOldBytes() {
        try (WasmInstance instance = instance()) {
            instance.memory().orElseThrow().write(0, new byte[] {1, 2, 3, 4}, 0, 4);

            function(instance, "copy").call(1, 0, 4);

            assertThat(instance.memory().orElseThrow().read(0, 5)).containsExactly(1, 1, 2, 3, 4);
        }
    }

    @Test
    void trapInStart_isReportedByInstantiate() {
        PluginException thrown = failure(ErrorCode.PLUGIN_TRAP, () -> Modules.instantiate("start-trap"));

        assertThat(thrown).hasMessageContaining("start").hasMessageContaining("unreachable");
    }

    @Test
    void activeSegmentOutsideOfTheMemory_trapsAtInstantiate() {
        PluginException thrown = failure(ErrorCode.PLUGIN_TRAP, () -> Modules.instantiate("segment-outside"));

        assertThat(thrown).hasMessageContaining("3 bytes at 65534");
    }

    @Test
    void exceptionThatTheGuestDoesNotCatch_isATrap() {
        // (module (tag $t) (func (export "f") (throw $t))), which WABT 1.0.32 cannot write.
        byte[] wasm = HexFormat.of()
                .parseHex("0061736d01000000" + "010401600000" + "03020100" + "0d03010000" + "0705010166" + "0000"
                        + "0a060104000800" + "0b");
        WasmInstance instance = new ChicoryEngine().compile(wasm).instantiate(List.of(), 0);

        PluginException thrown =
                failure(ErrorCode.PLUGIN_TRAP, () -> function(instance, "f").call());

        assertThat(thrown).hasMessageContaining("uncaught exception");
    }

    private static long[] numbers(String text) {
        return text.isEmpty()
                ? new long[0]
                : List.of(text.split(" ")).stream().mapToLong(Long::parseLong).toArray();
    }
}
