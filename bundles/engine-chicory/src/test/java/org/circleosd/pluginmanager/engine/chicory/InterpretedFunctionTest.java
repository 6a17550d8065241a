package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.circleosd.pluginmanager.api.engine.WasmType.I32;
import static org.circleosd.pluginmanager.engine.chicory.Modules.call;
import static org.circleosd.pluginmanager.engine.chicory.Modules.failure;
import static org.circleosd.pluginmanager.engine.chicory.Modules.function;
import static org.circleosd.pluginmanager.engine.chicory.Modules.host;

import java.io.ByteArrayOutputStream;
import java.util.HexFormat;
import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A function above the JVM's limit of 64 KiB is interpreted: everything must be as if it were compiled. */
@Timeout(120)
class InterpretedFunctionTest {

    private static final int ADDITIONS = 40_000;

    private static WasmModule module;

    @BeforeAll
    static void compile() {
        module = new ChicoryEngine().compile(largeModule());
    }

    @Test
    void result_isThatOfTheHostFunctionItEndsWith() {
        WasmInstance instance = module.instantiate(List.of(last((memory, args) -> args[0] + 2)), Modules.MEBIBYTE);

        assertThat(call(instance, "large", 5)).isEqualTo(ADDITIONS + 7);
        assertThat(call(instance, "large", -1)).isEqualTo(ADDITIONS + 1);
    }

    @Test
    void exceptionOfAHostFunction_passesThroughUnchanged() {
        IllegalStateException own = new IllegalStateException("proc_exit");
        WasmInstance instance = module.instantiate(
                List.of(last((memory, args) -> {
                    throw own;
                })),
                Modules.MEBIBYTE);

        assertThatThrownBy(() -> function(instance, "large").call(1)).isSameAs(own);
    }

    @Test
    void trapOfTheHost_keepsItsCode() {
        WasmInstance instance =
                module.instantiate(List.of(last((memory, args) -> memory.readInt(0))), Modules.MEBIBYTE);

        PluginException thrown =
                failure(ErrorCode.PLUGIN_TRAP, () -> function(instance, "large").call(1));

        assertThat(thrown).hasMessageContaining("out of bounds");
    }

    @Test
    void interruptedThread_isCancelledAndItsFlagIsClear() {
        WasmInstance instance = module.instantiate(
                List.of(last((memory, args) -> {
                    Thread.currentThread().interrupt();
                    return 1; // not zero: the function calls itself for ever
                })),
                Modules.MEBIBYTE);

        failure(ErrorCode.CANCELLED, () -> function(instance, "forever").call(1));

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    static ImportedFunction last(ImportedFunction.Body body) {
        return host("last", List.of(I32), List.of(I32), body);
    }

    /**
     * Imports {@code test.last}; "large" adds one {@value ADDITIONS} times to its parameter and calls it; "forever"
     * calls "large" in a loop.
     */
    static byte[] largeModule() {
        ByteArrayOutputStream large = new ByteArrayOutputStream();
        large.writeBytes(hex("00" + "2000")); // no locals, local.get 0
        for (int i = 0; i < ADDITIONS; i++) {
            large.writeBytes(hex("41016a")); // i32.const 1, i32.add
        }
        large.writeBytes(hex("1000" + "0b")); // call 0, end
        byte[] forever = hex("00" + "0340" + "2000" + "1001" + "1a" + "0c00" + "0b" + "00" + "0b");

        ByteArrayOutputStream code = new ByteArrayOutputStream();
        code.write(2);
        code.writeBytes(sized(large.toByteArray()));
        code.writeBytes(sized(forever));

        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(hex("0061736d01000000"));
        out.writeBytes(hex("01" + "06" + "01" + "60017f017f")); // type 0: (i32) -> (i32)
        out.writeBytes(hex("02" + "0d" + "01" + "0474657374" + "046c617374" + "0000")); // test.last
        out.writeBytes(hex("03" + "03" + "02" + "0000"));
        out.writeBytes(hex("07" + "13" + "02" + "056c61726765" + "0001" + "07666f7265766572" + "0002"));
        out.write(10);
        out.writeBytes(sized(code.toByteArray()));
        return out.toByteArray();
    }

    private static byte[] sized(byte[] content) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        int rest = content.length;
        for (; rest > 0x7f; rest >>>= 7) {
            out.write((rest & 0x7f) | 0x80);
        }
        out.write(rest);
        out.writeBytes(content);
        return out.toByteArray();
    }

    private static byte[] hex(String text) {
        return HexFormat.of().parseHex(text);
    }
}
