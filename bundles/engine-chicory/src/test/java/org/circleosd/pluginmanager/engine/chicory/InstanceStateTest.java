package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.circleosd.pluginmanager.engine.chicory.Modules.call;
import static org.circleosd.pluginmanager.engine.chicory.Modules.failure;
import static org.circleosd.pluginmanager.engine.chicory.Modules.function;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class InstanceStateTest {

    private static WasmModule module;

    private final WasmInstance instance = make();

    @BeforeAll
    static void compile() {
        module = Modules.compile("state");
    }

    @AfterAll
    static void close() {
        module.close();
    }

    private static WasmInstance make() {
        return module.instantiate(List.of(), Modules.MEBIBYTE);
    }

    @Test
    void restoreWithoutCapture_isRefused() {
        assertThat(instance.restore()).isFalse();
    }

    @Test
    void restore_bringsBackMemoryBytes() {
        function(instance, "poke").call(100, 5);
        instance.capture();
        function(instance, "poke").call(100, 6);
        function(instance, "poke").call(65535, 7);

        assertThat(instance.restore()).isTrue();

        assertThat(call(instance, "peek", 100)).isEqualTo(5);
        assertThat(call(instance, "peek", 65535)).isZero();
        assertThat(instance.memory().orElseThrow().read(0, 7)).isEqualTo("initial".getBytes(StandardCharsets.US_ASCII));
    }

    @Test
    void restore_shrinksAGrownMemoryAndItsPagesAreZeroWhenItGrowsAgain() {
        instance.capture();
        assertThat(call(instance, "grow", 2)).isEqualTo(1);
        function(instance, "poke").call(70_000, 9);

        assertThat(instance.restore()).isTrue();

        assertThat(call(instance, "size")).isEqualTo(1);
        assertThat(instance.memory().orElseThrow().size()).isEqualTo(65536);
        failure(ErrorCode.PLUGIN_TRAP, () -> function(instance, "peek").call(65536));
        assertThat(call(instance, "grow", 2)).isEqualTo(1);
        assertThat(call(instance, "peek", 70_000)).isZero();
    }

    @Test
    void restore_keepsPagesThatGrewBeforeTheCapture() {
        call(instance, "grow", 1);
        function(instance, "poke").call(100_000, 3);
        instance.capture();
        call(instance, "grow", 1);
        function(instance, "poke").call(100_000, 4);

        assertThat(instance.restore()).isTrue();

        assertThat(call(instance, "size")).isEqualTo(2);
        assertThat(call(instance, "peek", 100_000)).isEqualTo(3);
    }

    @Test
    void restore_bringsBackGlobals() {
        call(instance, "count");
        call(instance, "wide");
        instance.capture();
        call(instance, "count");
        call(instance, "wide");

        assertThat(instance.restore()).isTrue();

        assertThat(call(instance, "count")).isEqualTo(9);
        assertThat(Double.longBitsToDouble(call(instance, "wide"))).isEqualTo(2);
    }

    @Test
    void restore_bringsBackTableSlots() {
        instance.capture();
        function(instance, "setSlot").call();
        assertThat(call(instance, "slot", 0)).isEqualTo(2);

        assertThat(instance.restore()).isTrue();
        assertThat(call(instance, "slot", 0)).isEqualTo(1);

        function(instance, "clearSlot").call();
        failure(ErrorCode.PLUGIN_TRAP, () -> call(instance, "slot", 0));
        assertThat(instance.restore()).isTrue();
        assertThat(call(instance, "slot", 0)).isEqualTo(1);
    }

    @Test
    void restore_bringsBackDroppedSegments() {
        instance.capture();
        function(instance, "dropWord").call();
        function(instance, "dropTwo").call();
        failure(ErrorCode.PLUGIN_TRAP, () -> function(instance, "word").call(200));
        failure(ErrorCode.PLUGIN_TRAP, () -> function(instance, "setSlot").call());

        assertThat(instance.restore()).isTrue();

        function(instance, "word").call(200);
        assertThat(call(instance, "peek", 200)).isEqualTo('w');
        function(instance, "setSlot").call();
        assertThat(call(instance, "slot", 0)).isEqualTo(2);
    }

    @Test
    void restore_keepsSegmentsDroppedBeforeTheCapture() {
        function(instance, "dropWord").call();
        instance.capture();

        assertThat(instance.restore()).isTrue();

        failure(ErrorCode.PLUGIN_TRAP, () -> function(instance, "word").call(200));
    }

    @Test
    void restore_shortensATableThatGrew() {
        instance.capture();
        assertThat(call(instance, "growTable", 6)).isEqualTo(2);
        assertThat(call(instance, "growTable", 1)).isEqualTo(-1);

        assertThat(instance.restore()).isTrue();

        assertThat(call(instance, "tableSize")).isEqualTo(2);
        failure(ErrorCode.PLUGIN_TRAP, () -> call(instance, "slot", 2));
        assertThat(call(instance, "growTable", 6)).isEqualTo(2);
    }

    @Test
    void restore_canBeRepeated() {
        instance.capture();
        for (int i = 0; i < 3; i++) {
            assertThat(call(instance, "count")).isEqualTo(8);
            assertThat(instance.restore()).isTrue();
        }
    }

    @Test
    void instances_shareNothing() {
        WasmInstance other = make();
        call(other, "count");
        call(other, "grow", 1);
        call(other, "growTable", 1);
        function(other, "poke").call(0, 1);
        function(other, "dropWord").call();
        function(other, "dropTwo").call();
        function(other, "clearSlot").call();

        for (WasmInstance fresh : List.of(instance, make())) {
            assertThat(call(fresh, "count")).isEqualTo(8);
            assertThat(call(fresh, "size")).isEqualTo(1);
            assertThat(call(fresh, "tableSize")).isEqualTo(2);
            assertThat(call(fresh, "peek", 0)).isEqualTo('i');
            function(fresh, "word").call(8);
            assertThat(call(fresh, "slot", 0)).isEqualTo(1);
            function(fresh, "setSlot").call();
        }
    }

    @Test
    void unknownOrOtherExport_isNoFunction() {
        assertThat(instance.function("nothing")).isEmpty();
        assertThat(instance.function("memory")).isEmpty();
    }

    @Test
    void closedInstance_refusesToBeUsed() {
        instance.close();
        instance.close();

        assertThatIllegalStateException().isThrownBy(() -> instance.function("count"));
        assertThat(instance.memory()).isEmpty();
        assertThat(instance.restore()).isFalse();
    }

    @Test
    void closedModule_keepsItsInstances() {
        WasmModule own = Modules.compile("state");
        WasmInstance made = own.instantiate(List.of(), Modules.MEBIBYTE);
        own.close();

        assertThat(call(made, "count")).isEqualTo(8);
        assertThatIllegalStateException().isThrownBy(() -> own.instantiate(List.of(), Modules.MEBIBYTE));
    }
}
