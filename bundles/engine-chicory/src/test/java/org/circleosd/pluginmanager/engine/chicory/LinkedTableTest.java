package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.engine.chicory.Modules.call;
import static org.circleosd.pluginmanager.engine.chicory.Modules.failure;
import static org.circleosd.pluginmanager.engine.chicory.Modules.function;

import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Functions in a table that three instances share, each with its own order of types. Slots 0 to 3 are of "base" ($double,
 * $seven, the host's, $fail), 4 to 8 of "user" ($triple, $nine, the host's, base's $ask, $wide), 9 is empty.
 */
@Timeout(120)
class LinkedTableTest {

    static Stream<Linked> linked() {
        return Stream.of(
                new Linked((memory, args) -> args[0] + 1000), Linked.interpreted((memory, args) -> args[0] + 1000));
    }

    @Test
    void callerWithManyLocals_isInterpreted() {
        assertThat(Linked.interpreted((memory, args) -> 0).interpretedCount()).isEqualTo(1);
    }

    @ParameterizedTest
    @MethodSource("linked")
    void everyInstance_callsEveryFunctionThatHasTheType(Linked linked) {
        for (WasmInstance caller : new WasmInstance[] {linked.base, linked.user, linked.second}) {
            assertThat(call(caller, "call", 0, 5)).isEqualTo(10);
            assertThat(call(caller, "call", 2, 5)).isEqualTo(1005);
            assertThat(call(caller, "call", 4, 5)).isEqualTo(15);
            assertThat(call(caller, "call", 6, 5)).isEqualTo(1005);
            assertThat(call(caller, "call", 7, 5)).isEqualTo(1005);
        }
        for (WasmInstance caller : new WasmInstance[] {linked.base, linked.user}) {
            assertThat(call(caller, "get", 1)).isEqualTo(7);
            assertThat(call(caller, "get", 5)).isEqualTo(9);
        }
    }

    @ParameterizedTest
    @MethodSource("linked")
    void functionOfAnotherType_isATrap(Linked linked) {
        for (WasmInstance caller : new WasmInstance[] {linked.base, linked.user, linked.second}) {
            for (long slot : new long[] {1, 5, 8}) {
                assertThat(failure(ErrorCode.PLUGIN_TRAP, () -> call(caller, "call", slot, 5)))
                        .hasMessageContaining("indirect call type mismatch");
            }
            assertThat(failure(ErrorCode.PLUGIN_TRAP, () -> call(caller, "call", 9, 5)))
                    .hasMessageContaining("empty table slot 9");
            assertThat(failure(ErrorCode.PLUGIN_TRAP, () -> call(caller, "call", 10, 5)))
                    .hasMessageContaining("outside of the table");
            assertThat(failure(ErrorCode.PLUGIN_TRAP, () -> call(caller, "call", 3, 5)))
                    .hasMessageContaining("unreachable");
        }
    }

    @Test
    void callsThatNest_eachReachTheirOwnFunction() {
        Linked[] again = new Linked[1];
        again[0] = new Linked((memory, args) ->
                args[0] == 0 ? 1 : 2 * call(again[0].user, "call", 2, args[0] - 1) + call(again[0].base, "call", 4, 1));

        assertThat(call(again[0].user, "call", 2, 3)).isEqualTo(8 + 4 * 3 + 2 * 3 + 3);
    }

    @ParameterizedTest
    @MethodSource("linked")
    void movedReference_isTheSameFunctionForAll(Linked linked) {
        function(linked.user, "set").call(9, 0);
        function(linked.user, "set").call(3, 4);

        for (WasmInstance caller : new WasmInstance[] {linked.base, linked.user, linked.second}) {
            assertThat(call(caller, "call", 9, 5)).isEqualTo(10);
            assertThat(call(caller, "call", 3, 5)).isEqualTo(15);
        }
    }

    @ParameterizedTest
    @MethodSource("linked")
    void copiedReferences_keepTheirOwners(Linked linked) {
        function(linked.user, "copy").call(5, 3, 3); // $fail $triple $nine over $nine, the host's, base's $ask
        function(linked.user, "copyToOwn").call(1, 1, 1);

        for (WasmInstance caller : new WasmInstance[] {linked.base, linked.user, linked.second}) {
            assertThat(failure(ErrorCode.PLUGIN_TRAP, () -> call(caller, "call", 5, 5)))
                    .hasMessageContaining("unreachable");
            assertThat(call(caller, "call", 6, 5)).isEqualTo(15);
        }
        assertThat(call(linked.base, "get", 7)).isEqualTo(9);
        assertThat(call(linked.user, "getOwn", 1)).isEqualTo(7);
        assertThat(call(linked.user, "getOwn", 0)).isEqualTo(9);
    }

    @ParameterizedTest
    @MethodSource("linked")
    void filledAndGrownSlots_holdTheFunctionForAll(Linked linked) {
        function(linked.user, "fill").call(1, 0, 3);
        assertThat(call(linked.user, "growTable", 0, 2)).isEqualTo(10);
        assertThat(call(linked.user, "growTable", 0, 9)).isEqualTo(-1);
        assertThat(call(linked.user, "growTable", 0, Integer.MAX_VALUE)).isEqualTo(-1);

        for (WasmInstance caller : new WasmInstance[] {linked.base, linked.user, linked.second}) {
            for (long slot : new long[] {1, 2, 3, 10, 11}) {
                assertThat(call(caller, "call", slot, 5)).isEqualTo(10);
            }
        }
        function(linked.base, "clear").call(11);
        failure(ErrorCode.PLUGIN_TRAP, () -> call(linked.user, "call", 11, 5));
    }
}
