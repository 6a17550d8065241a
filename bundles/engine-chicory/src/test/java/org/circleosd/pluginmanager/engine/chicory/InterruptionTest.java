package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.engine.chicory.Modules.failure;
import static org.circleosd.pluginmanager.engine.chicory.Modules.function;

import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The guest says that it is inside its loop; only then another thread interrupts it. */
@Timeout(60)
class InterruptionTest {

    @ParameterizedTest
    @ValueSource(strings = {"loop", "busy", "calls"})
    void endlessCode_isStoppedAndTheFlagIsClear(String export) {
        try (WasmInstance instance = Modules.instantiate("loops", entered(Thread.currentThread()))) {
            PluginException thrown = failure(
                    ErrorCode.CANCELLED, () -> function(instance, export).call());

            assertThat(thrown).hasMessageContaining("'" + export + "'");
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
        }
    }

    @Test
    void instance_isUsableAfterAnInterruption() {
        try (WasmInstance instance = Modules.instantiate("loops", entered(Thread.currentThread()))) {
            failure(ErrorCode.CANCELLED, () -> function(instance, "busy").call());

            assertThat(Modules.call(instance, "answer")).isEqualTo(42);
        }
    }

    @Test
    void endlessStartFunction_isStopped() {
        WasmModule module = Modules.compile("start-loop");
        List<ImportedFunction> imports = List.of(entered(Thread.currentThread()));

        failure(ErrorCode.CANCELLED, () -> module.instantiate(imports, Modules.MEBIBYTE));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    /** Interrupts the guest's thread from another one, after the guest has begun. */
    private static ImportedFunction entered(Thread guest) {
        return Modules.host("entered", List.of(), List.of(), (memory, args) -> {
            new Thread(guest::interrupt, "interrupts the guest").start();
            return 0;
        });
    }
}
