package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.circleosd.pluginmanager.engine.chicory.Modules.call;
import static org.circleosd.pluginmanager.engine.chicory.Modules.failure;
import static org.circleosd.pluginmanager.engine.chicory.Modules.function;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.api.engine.WasmFunction;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.junit.jupiter.api.Test;

class LinkingTest {

    private final Linked linked = new Linked((memory, args) -> args[0] + 1);

    @Test
    void functionsOfAnotherInstance_areCalledThere() {
        assertThat(call(linked.user, "double", 21)).isEqualTo(42);
        assertThat(function(linked.user, "swap").call(-1, Long.MIN_VALUE)).containsExactly(Long.MIN_VALUE, -1);
        assertThat(function(linked.second, "double").call(-4)).containsExactly(-8);
    }

    @Test
    void globals_areShared() {
        assertThat(call(linked.user, "sum")).isEqualTo(52);
        call(linked.base, "count");
        assertThat(call(linked.user, "sum")).isEqualTo(53);
        function(linked.user, "setCounter").call(100);
        assertThat(call(linked.base, "count")).isEqualTo(101);
    }

    @Test
    void memory_isSharedInBothDirectionsAndOverTwoSteps() {
        assertThat(text(linked.base, 8)).isEqualTo("user");
        assertThat(text(linked.user, 0)).isEqualTo("base");

        function(linked.second, "poke").call(200, 5);

        assertThat(call(linked.base, "peek", 200)).isEqualTo(5);
        assertThat(linked.user.memory().orElseThrow().readByte(200)).isEqualTo(5);
    }

    @Test
    void memoryGrownByAnyInstance_isLargerForAllUpToTheOwnersLimit() {
        assertThat(call(linked.user, "grow", 1)).isEqualTo(1);
        function(linked.base, "poke").call(70_000, 3);
        assertThat(call(linked.user, "peek", 70_000)).isEqualTo(3);

        assertThat(call(linked.base, "grow", 2)).isEqualTo(2);
        function(linked.second, "poke").call(4 * 65536 - 1, 4);
        assertThat(call(linked.user, "peek", 4 * 65536 - 1)).isEqualTo(4);

        assertThat(call(linked.user, "grow", 1)).isEqualTo(-1);
        assertThat(call(linked.user, "size")).isEqualTo(4);
    }

    @Test
    void importedMemory_keepsTheLimitAndTheAccountOfItsInstance() {
        MemoryBudget budget = new MemoryBudget(3 * 65536);
        Linked small = new Linked(budget, 2 * 65536, (memory, args) -> 0);

        assertThat(budget.used()).isEqualTo(65536);
        assertThat(call(small.user, "grow", 1)).isEqualTo(1);
        assertThat(call(small.user, "grow", 1)).isEqualTo(-1);
        assertThat(budget.used()).isEqualTo(2 * 65536);
        small.second.close();
        small.user.close();
        assertThat(call(small.base, "peek", 0)).isEqualTo('b');
        small.base.close();
        assertThat(budget.used()).isZero();
    }

    @Test
    void dataSegments_areThoseOfTheInstanceWhoseCodeRuns() {
        function(linked.base, "word").call(300);
        function(linked.user, "word").call(304);
        assertThat(text(linked.base, 300)).isEqualTo("BASE");
        assertThat(text(linked.base, 304)).isEqualTo("USER");

        function(linked.user, "dropWord").call();

        function(linked.base, "word").call(308);
        failure(ErrorCode.PLUGIN_TRAP, () -> function(linked.user, "word").call(312));
    }

    @Test
    void hostFunction_seesTheMemoryOfTheInstanceThatCallsIt() {
        AtomicReference<GuestMemory> seen = new AtomicReference<>();
        Linked here = new Linked((memory, args) -> {
            seen.set(memory);
            return 0;
        });

        for (String export : List.of("askOwn", "ask", "askReexported")) {
            seen.set(null);
            call(here.user, export, 1);
            assertThat(seen.get().read(0, 4)).as(export).isEqualTo("base".getBytes(StandardCharsets.US_ASCII));
        }
    }

    @Test
    void exceptionOfAHostFunction_passesThroughTheFramesOfBothInstances() {
        IllegalStateException own = new IllegalStateException("proc_exit");
        Linked here = new Linked((memory, args) -> {
            throw own;
        });

        for (String export : List.of("ask", "askOwn", "askReexported")) {
            assertThatThrownBy(() -> function(here.user, export).call(1))
                    .as(export)
                    .isSameAs(own);
        }
        assertThatThrownBy(() -> function(here.user, "call").call(2, 1)).isSameAs(own);
        assertThat(call(here.user, "double", 4)).isEqualTo(8);
    }

    @Test
    void trapInAnotherInstance_isTheTrapOfTheCall() {
        PluginException thrown = failure(
                ErrorCode.PLUGIN_TRAP, () -> function(linked.user, "trap").call());

        assertThat(thrown).hasMessage("function 'trap' trapped: unreachable");
    }

    @Test
    void everythingThatDoesNotFit_isNamedWithWhatWasFound() {
        PluginException thrown = failure(ErrorCode.PLUGIN_INVALID, () -> Modules.compile("linked-wrong")
                .instantiate(List.of(), Map.of("base", linked.base), Modules.MEBIBYTE));

        assertThat(thrown)
                .hasMessageContaining("function 'base.absent' () -> () (neither module 'base' nor the host has it)")
                .hasMessageContaining("function 'base.double' (i64) -> () (the module's is (i32) -> (i32))")
                .hasMessageContaining("function 'base.takes' (other) -> () (this engine passes no references")
                .hasMessageContaining("function 'base.counter' (the module exports a global of that name)")
                .hasMessageContaining("memory 'base.memory' of at least 2 pages (the module's has 1)")
                .hasMessageContaining("table 'base.table' of at least 11 entries (the module's has 10)")
                .hasMessageContaining("table 'base.table' of at most 15 entries (the module's can have 20)")
                .hasMessageContaining("global 'base.counter' i32 (the module's is (mut i32))")
                .hasMessageContaining("global 'base.constant' i64 (the module's is i32)")
                .hasMessageContaining("global 'base.callback' funcref (this engine passes no references")
                .hasMessageContaining("global 'base.gone' (module 'base' does not export it)")
                .hasMessageContaining("global 'other.memory' (only modules that are linked to it could give it");
    }

    @Test
    void secondMemory_isRefused() {
        WasmModule module = Modules.compile("two-sources");
        Map<String, WasmInstance> base = Map.of("base", linked.base);

        PluginException thrown =
                failure(ErrorCode.PLUGIN_INVALID, () -> module.instantiate(List.of(), base, Modules.MEBIBYTE));

        assertThat(thrown).hasMessageContaining("memory 'base.memory' (it is a second memory");
    }

    @Test
    void functionThatALinkedModuleDoesNotExport_comesFromTheHost() {
        WasmModule module = Modules.compile("reexport");

        WasmInstance instance = module.instantiate(
                List.of(Linked.host("double", (memory, args) -> args[0] * 2)),
                Map.of("test", linked.second),
                Modules.MEBIBYTE);
        WasmInstance fromModule = module.instantiate(
                List.of(Linked.host("double", (memory, args) -> 0)), Map.of("test", linked.second), Modules.MEBIBYTE);

        assertThat(call(fromModule, "double", 8)).isEqualTo(16);
        assertThat(call(instance, "double", 8)).isEqualTo(16);
    }

    @Test
    void closedInstance_cannotBeLinked() {
        linked.base.close();

        assertThatIllegalStateException().isThrownBy(() -> linked.user(Map.of("base", linked.base)));
    }

    @Test
    void instanceOfAnotherEngine_isRefused() {
        WasmInstance foreign = new WasmInstance() {
            @Override
            public Optional<WasmFunction> function(String name) {
                return Optional.empty();
            }

            @Override
            public Optional<GuestMemory> memory() {
                return Optional.empty();
            }

            @Override
            public void capture() {}

            @Override
            public boolean restore() {
                return false;
            }

            @Override
            public void close() {}
        };

        assertThatIllegalArgumentException()
                .isThrownBy(() -> linked.user(Map.of("base", foreign)))
                .withMessageContaining("'base' is an instance of another engine");
    }

    @Test
    void usersOfAMemoryWhoseOwnerIsClosed_trapInsteadOfReadingOn() {
        linked.base.close();

        failure(ErrorCode.PLUGIN_TRAP, () -> function(linked.user, "peek").call(0));
        failure(ErrorCode.PLUGIN_TRAP, () -> linked.user.memory().orElseThrow().readByte(0));
    }

    private static String text(WasmInstance instance, int address) {
        return new String(instance.memory().orElseThrow().read(address, 4), StandardCharsets.US_ASCII);
    }
}
