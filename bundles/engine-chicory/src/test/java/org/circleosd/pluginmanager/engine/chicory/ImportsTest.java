package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.circleosd.pluginmanager.api.engine.WasmType.F32;
import static org.circleosd.pluginmanager.api.engine.WasmType.I32;
import static org.circleosd.pluginmanager.api.engine.WasmType.I64;
import static org.circleosd.pluginmanager.engine.chicory.Modules.call;
import static org.circleosd.pluginmanager.engine.chicory.Modules.failure;
import static org.circleosd.pluginmanager.engine.chicory.Modules.function;
import static org.circleosd.pluginmanager.engine.chicory.Modules.host;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmExport;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmImport;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.junit.jupiter.api.Test;

class ImportsTest {

    @Test
    void importsAndExports_areListedInOrderWithTheirTypes() {
        WasmModule module = Modules.compile("foreign");
        assertThat(module.imports())
                .containsExactly(
                        new WasmImport(
                                "env", "missing", "function", new WasmFunctionType(List.of(I32, I64), List.of(F32))),
                        new WasmImport("env", "mistyped", "function", new WasmFunctionType(List.of(I32), List.of())),
                        new WasmImport("env", "memory", "memory", null),
                        new WasmImport("env", "table", "table", null),
                        new WasmImport("env", "global", "global", null));
        assertThat(Modules.compile("reexport").exports())
                .containsExactly(
                        new WasmExport("double", "function", new WasmFunctionType(List.of(I32), List.of(I32))));
        assertThat(Modules.compile("host").exports()).startsWith(new WasmExport("memory", "memory", null));
    }

    @Test
    void everyImportThatCannotBeGiven_isNamedWithItsType() {
        WasmModule module = Modules.compile("foreign");
        ImportedFunction mistyped = new ImportedFunction(
                "env", "mistyped", new WasmFunctionType(List.of(I64), List.of()), (memory, args) -> 0);

        PluginException thrown =
                failure(ErrorCode.PLUGIN_INVALID, () -> module.instantiate(List.of(mistyped), Modules.MEBIBYTE));

        assertThat(thrown)
                .hasMessageContaining("function 'env.missing' (i32 i64) -> (f32) (the host has none)")
                .hasMessageContaining("function 'env.mistyped' (i32) -> () (the host's is (i64) -> ())")
                .hasMessageContaining("memory 'env.memory'")
                .hasMessageContaining("table 'env.table'")
                .hasMessageContaining("global 'env.global'");
    }

    @Test
    void hostFunction_seesTheMemoryOfTheCallingInstance() {
        AtomicReference<String> seen = new AtomicReference<>();
        WasmInstance instance = hostInstance((memory, args) -> {
            seen.set(new String(memory.read(16, 5), StandardCharsets.US_ASCII));
            return 7;
        });

        assertThat(call(instance, "answer")).isEqualTo(7);
        assertThat(seen).hasValue("hello");
    }

    @Test
    void hostFunctionOfAModuleWithoutMemory_seesAnEmptyOne() {
        AtomicReference<Long> size = new AtomicReference<>();
        WasmInstance instance =
                Modules.instantiate("reexport", host("double", List.of(I32), List.of(I32), (memory, args) -> {
                    size.set(memory.size());
                    failure(ErrorCode.PLUGIN_TRAP, () -> memory.readByte(0));
                    return 0;
                }));

        call(instance, "double", 1);

        assertThat(size).hasValue(0L);
        assertThat(instance.memory()).isEmpty();
    }

    @Test
    void exceptionOfAHostFunction_passesThroughUnchanged() {
        for (String export : List.of("throw", "throwDeep")) {
            IllegalStateException own = new IllegalStateException("proc_exit");
            WasmInstance instance = throwing(own);

            assertThatThrownBy(() -> function(instance, export).call()).isSameAs(own);
            assertThat(call(instance, "answer")).isEqualTo(1);
        }
    }

    @Test
    void exceptionOfAHostFunctionThatLooksLikeTheEngines_passesThroughUnchanged() {
        for (RuntimeException own : List.of(
                new com.dylibso.chicory.runtime.TrapException("unreachable"),
                new IndexOutOfBoundsException(3),
                new ArithmeticException("/ by zero"))) {
            WasmInstance instance = throwing(own);

            assertThatThrownBy(() -> function(instance, "throwDeep").call()).isSameAs(own);
        }
    }

    @Test
    void memoryErrorOfAHostFunction_isTheGuestsTrap() {
        WasmInstance instance = hostInstance((memory, args) -> memory.readInt(-4));

        PluginException thrown = failure(
                ErrorCode.PLUGIN_TRAP, () -> function(instance, "answer").call());

        assertThat(thrown).hasMessage("out of bounds memory access: 4 bytes at 4294967292, the memory has 65536 bytes");
    }

    @Test
    void heapExhaustedInAHostFunction_isOutOfMemory() {
        WasmInstance instance = hostInstance((memory, args) -> {
            throw new OutOfMemoryError("made by a test");
        });

        failure(ErrorCode.OUT_OF_MEMORY, () -> function(instance, "answer").call());
    }

    @Test
    void hostFunction_mayCallTheGuestAgain() {
        AtomicReference<WasmInstance> guest = new AtomicReference<>();
        AtomicReference<Integer> depth = new AtomicReference<>(0);
        guest.set(hostInstance((memory, args) -> {
            int now = depth.updateAndGet(before -> before + 1);
            return now < 3 ? now * 10 + call(guest.get(), "answer") : 100;
        }));

        assertThat(call(guest.get(), "answerTwice")).isEqualTo(10 + 20 + 100 + 100);
    }

    private static WasmInstance hostInstance(ImportedFunction.Body answer) {
        return Modules.instantiate(
                "host",
                host("throw", List.of(I32), List.of(I32), (memory, args) -> 0),
                host("answer", List.of(), List.of(I32), answer));
    }

    private static WasmInstance throwing(RuntimeException own) {
        return Modules.instantiate(
                "host",
                host("throw", List.of(I32), List.of(I32), (memory, args) -> {
                    throw own;
                }),
                host("answer", List.of(), List.of(I32), (memory, args) -> 1));
    }
}
