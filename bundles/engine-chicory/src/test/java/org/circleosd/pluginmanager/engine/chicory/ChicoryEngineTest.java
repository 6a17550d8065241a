package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.engine.chicory.Modules.failure;

import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(120)
class ChicoryEngineTest {

    private final ChicoryEngine engine = new ChicoryEngine();

    @Test
    void name_saysWhichVersionRuns() {
        assertThat(engine.name()).isEqualTo("chicory 1.7.5");
    }

    @Test
    void invalidCode_isRefusedWithTheValidatorsReason() {
        // One function of type () -> (i32) whose body is empty.
        byte[] wasm = HexFormat.of().parseHex("0061736d01000000" + "0105016000017f" + "03020100" + "0a040102000b");

        PluginException thrown = failure(ErrorCode.PLUGIN_INVALID, () -> engine.compile(wasm));

        assertThat(thrown).hasMessageContaining("the engine cannot compile the module: type mismatch");
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
