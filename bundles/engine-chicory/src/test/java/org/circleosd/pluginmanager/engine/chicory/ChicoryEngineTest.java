package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.engine.chicory.Modules.failure;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class ChicoryEngineTest {

    private final ChicoryEngine engine = new ChicoryEngine();

    @Test
    void name_saysWhichVersionRuns() {
        assertThat(engine.name()).isEqualTo("chicory 1.7.5");
    }

    @ParameterizedTest
    @CsvSource({
        "simd, SIMD, -mno-simd128",
        "simd-type, SIMD, -mno-simd128",
        "atomics, threads, -matomics",
        "shared-memory, shared memory (threads), -pthread",
        "memory64, memory64, wasm32",
        "tailcall, tail calls, -mno-tail-call",
        "two-memories, multi-memory, at most 1"
    })
    void unsupportedFeature_isNamedWithAWayOut(String module, String feature, String hint) {
        PluginException thrown = failure(ErrorCode.PLUGIN_INVALID, () -> Modules.compile(module));

        assertThat(thrown).hasMessageContaining(feature).hasMessageContaining(hint);
    }

    @ParameterizedTest
    @CsvSource({
        "'', the file is empty",
        "00, cut off after 1 bytes",
        "0061736d, cut off after 4 bytes",
        "0061736d010000, cut off after 7 bytes",
        "7f454c46020101, 'an ELF file; a native library needs the plugin_type ''native'''",
        "cafebabe00000034, starts with ca fe ba be",
        "0061736d0d000100, a WebAssembly component",
        "0061736d02000000, another version: 02 00 00 00",
        "0061736d0100000001, the length of section 1 at byte 9 is cut off",
        "0061736d0100000001ffffffff7f, the length of section 1 at byte 9 is no 32-bit number",
        "0061736d01000000010560, the type section at byte 10 claims 5 bytes",
        "0061736d010000007f00, unknown section id 127 at byte 8",
        "0061736d0100000003010001010001, comes after the function section",
        "0061736d01000000010100010100, the type section at byte 11 is there twice",
        "0061736d010000000105ffffffff0f, the type section at byte 8 claims 4294967295 entries",
        "0061736d010000000100, the number of entries at byte 10 is cut off",
        "0061736d01000000050401007f00, 1 bytes too many"
    })
    void brokenFrame_isDescribedExactly(String hex, String expected) {
        PluginException thrown = failure(
                ErrorCode.PLUGIN_INVALID, () -> engine.compile(HexFormat.of().parseHex(hex)));

        assertThat(thrown).hasMessageContaining(expected);
    }

    @ParameterizedTest
    @CsvSource({"'(module)', wat2wasm", "'hello, world\n', a text file", "'{\"name\": 1}', a text file"})
    void textFile_isRecognized(String text, String expected) {
        PluginException thrown =
                failure(ErrorCode.PLUGIN_INVALID, () -> engine.compile(text.getBytes(StandardCharsets.UTF_8)));

        assertThat(thrown).hasMessageContaining(expected);
    }

    @Test
    void dataSegmentThatClaimsTwoGigabytes_isRefusedBeforeAnythingIsAllocated() {
        byte[] wasm = HexFormat.of().parseHex("0061736d01000000" + "0503010001" + "0b0a010041000bffffffff07" + "00");

        PluginException thrown = failure(ErrorCode.PLUGIN_INVALID, () -> engine.compile(wasm));

        assertThat(thrown).hasMessageContaining("data segment 0").hasMessageContaining("claims 2147483647 bytes");
    }

    @Test
    void functionBodyThatClaimsTooMuch_isRefused() {
        byte[] wasm = HexFormat.of().parseHex("0061736d01000000" + "010401600000" + "03020100" + "0a0401ff000b");

        PluginException thrown = failure(ErrorCode.PLUGIN_INVALID, () -> engine.compile(wasm));

        assertThat(thrown).hasMessageContaining("function body 0").hasMessageContaining("claims 127 bytes");
    }

    @Test
    void invalidCode_isRefusedWithTheValidatorsReason() {
        // One function of type () -> (i32) whose body is empty.
        byte[] wasm = HexFormat.of().parseHex("0061736d01000000" + "0105016000017f" + "03020100" + "0a040102000b");

        PluginException thrown = failure(ErrorCode.PLUGIN_INVALID, () -> engine.compile(wasm));

        assertThat(thrown).hasMessageContaining("not a valid WebAssembly module: type mismatch");
    }

    @ParameterizedTest
    @ValueSource(strings = {"state", "values", "host"})
    void truncatedAnywhere_isAModuleOrPluginInvalid(String name) {
        byte[] whole = Modules.bytes(name);
        for (int length = 0; length < whole.length; length++) {
            compileOrRefuse(Arrays.copyOf(whole, length));
        }
    }

    @Test
    void oneByteChangedAnywhere_isAModuleOrPluginInvalid() {
        byte[] whole = Modules.bytes("host");
        for (int at = 0; at < whole.length; at++) {
            byte[] changed = whole.clone();
            changed[at] = (byte) (at % 2 == 0 ? 0xff : whole[at] ^ 1);
            compileOrRefuse(changed);
        }
    }

    private void compileOrRefuse(byte[] wasm) {
        try (WasmModule module = engine.compile(wasm)) {
            assertThat(module.imports()).isNotNull();
        } catch (PluginException e) {
            assertThat(e.code()).isEqualTo(ErrorCode.PLUGIN_INVALID);
            assertThat(e.getMessage()).doesNotContain("\n").hasSizeBetween(20, 500);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"01035f0000", "0104015e7f00"})
    void garbageCollectedType_isRefused(String section) {
        byte[] wasm = HexFormat.of().parseHex("0061736d01000000" + section);

        failure(ErrorCode.PLUGIN_INVALID, () -> engine.compile(wasm));
    }

    @Test
    void customSections_areIgnored() {
        byte[] wasm = Modules.bytes("start-trap");
        byte[] custom = HexFormat.of().parseHex("00" + "06" + "046e616d65" + "ff"); // a broken name section
        byte[] both = Arrays.copyOf(wasm, wasm.length + custom.length);
        System.arraycopy(custom, 0, both, wasm.length, custom.length);

        assertThat(engine.compile(both).imports()).isEmpty();
    }

    @Test
    void emptyModule_isValid() {
        WasmModule module = engine.compile(HexFormat.of().parseHex("0061736d01000000"));

        assertThat(module.exports()).isEmpty();
        assertThat(module.instantiate(List.of(), 0).memory()).isEmpty();
    }

    @Test
    void memoryDeclaredAboveItsLimit_isRefusedWithBothNumbers() {
        WasmModule module = Modules.compile("big-memory");

        PluginException thrown =
                failure(ErrorCode.LIMIT_EXCEEDED, () -> module.instantiate(List.of(), Modules.MEBIBYTE));

        assertThat(thrown).hasMessageContaining("4294967296").hasMessageContaining("1048576");
    }

    @Test
    void memoryThatNoArrayCanHold_isRefusedWithWhatIsPossible() {
        WasmModule module = Modules.compile("big-memory");

        PluginException thrown = failure(ErrorCode.LIMIT_EXCEEDED, () -> module.instantiate(List.of(), Long.MAX_VALUE));

        assertThat(thrown).hasMessageContaining("4294967296").hasMessageContaining("2147418112");
    }

    @Test
    void tableDeclaredAboveItsLimit_isRefusedWithBothNumbers() {
        WasmModule module = Modules.compile("big-table");

        PluginException thrown =
                failure(ErrorCode.LIMIT_EXCEEDED, () -> module.instantiate(List.of(), Modules.MEBIBYTE));

        assertThat(thrown).hasMessageContaining("1000000").hasMessageContaining("100000");
    }
}
