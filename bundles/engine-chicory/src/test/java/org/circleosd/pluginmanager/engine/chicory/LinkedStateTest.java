package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.engine.chicory.Modules.call;
import static org.circleosd.pluginmanager.engine.chicory.Modules.failure;
import static org.circleosd.pluginmanager.engine.chicory.Modules.function;

import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.junit.jupiter.api.Test;

/** Capture and restore of instances that share a memory, a table and a global. */
class LinkedStateTest {

    private final Linked linked = new Linked((memory, args) -> args[0] + 1000);
    private final List<WasmInstance> all = List.of(linked.second, linked.base, linked.user);

    @Test
    void restoreOfAll_bringsBackWhatTheyShare() {
        all.forEach(WasmInstance::capture);
        for (int i = 0; i < 2; i++) {
            change();
            assertThat(all).allMatch(WasmInstance::restore);

            assertThat(call(linked.base, "peek", 0)).isEqualTo('b');
            assertThat(call(linked.user, "size")).isEqualTo(1);
            assertThat(linked.user.memory().orElseThrow().size()).isEqualTo(65536);
            failure(ErrorCode.PLUGIN_TRAP, () -> call(linked.user, "peek", 65536));
            assertThat(call(linked.user, "sum")).isEqualTo(52);
            function(linked.user, "word").call(300);
            assertTable();
        }
    }

    private void change() {
        call(linked.user, "grow", 2);
        function(linked.second, "poke").call(0, 'x');
        function(linked.user, "setCounter").call(77);
        function(linked.user, "set").call(0, 4);
        function(linked.base, "clear").call(4);
        function(linked.user, "copyToOwn").call(0, 1, 1);
        call(linked.user, "growTable", 0, 3);
        function(linked.user, "dropWord").call();
        assertThat(call(linked.base, "call", 0, 5)).isEqualTo(15);
        assertThat(call(linked.user, "getOwn", 0)).isEqualTo(7);
        assertThat(call(linked.user, "call", 10, 5)).isEqualTo(15);
    }

    private void assertTable() {
        for (WasmInstance caller : all) {
            assertThat(call(caller, "call", 0, 5)).isEqualTo(10);
            assertThat(call(caller, "call", 4, 5)).isEqualTo(15);
            assertThat(call(caller, "call", 7, 5)).isEqualTo(1005);
            assertThat(failure(ErrorCode.PLUGIN_TRAP, () -> call(caller, "call", 10, 5)))
                    .hasMessageContaining("outside of the table");
        }
        assertThat(call(linked.user, "getOwn", 0)).isEqualTo(9);
    }

    @Test
    void restoreOfTheUser_leavesWhatItImports() {
        linked.user.capture();
        change();

        assertThat(linked.user.restore()).isTrue();

        assertThat(call(linked.base, "peek", 0)).isEqualTo('x');
        assertThat(call(linked.user, "size")).isEqualTo(3);
        assertThat(call(linked.user, "sum")).isEqualTo(77 + 42);
        assertThat(call(linked.base, "call", 0, 5)).isEqualTo(15);
        assertThat(call(linked.user, "getOwn", 0)).isEqualTo(9);
        function(linked.user, "word").call(300);
    }

    @Test
    void captureOfAUser_costsNoMemory() {
        MemoryBudget budget = new MemoryBudget(2 * 65536);
        Linked here = new Linked(budget, Modules.MEBIBYTE, (memory, args) -> 0);

        here.user.capture();
        here.second.capture();
        assertThat(budget.used()).isEqualTo(65536);
        here.base.capture();
        assertThat(budget.used()).isEqualTo(2 * 65536);
    }
}
