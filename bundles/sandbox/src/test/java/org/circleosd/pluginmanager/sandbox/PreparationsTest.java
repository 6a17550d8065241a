package org.circleosd.pluginmanager.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicInteger;
import org.circleosd.pluginmanager.api.EngineStatus;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.api.engine.ImportedFunction;
import org.circleosd.pluginmanager.api.engine.WasmEngine;
import org.circleosd.pluginmanager.api.engine.WasmExport;
import org.circleosd.pluginmanager.api.engine.WasmImport;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.engine.chicory.ChicoryEngine;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PreparationsTest {

    private static Plugins impatient(WasmEngine engine) {
        return new Plugins(engine, new Plugins.TestConfig(16 << 20, -1)).impatient();
    }

    @Test
    void load_returnsWhileTheCodeIsCompiledAndCallsWaitForIt() throws Exception {
        SlowEngine engine = new SlowEngine();
        try (Plugins plugins = impatient(engine)) {
            LoadedPlugin plugin = plugins.load("state");
            engine.begun.await();
            EngineStatus compiling = plugin.engine().orElseThrow();
            assertThat(compiling.mode()).isEqualTo(EngineStatus.Mode.COMPILING);
            assertThat(compiling.compiled()).isEqualTo(1);
            assertThat(compiling.of()).isGreaterThan(3);
            assertThat(plugin.abi()).isEqualTo("bytes");
            assertThat(plugin.functions()).contains("count");

            CompletableFuture<String> call = CompletableFuture.supplyAsync(() -> Plugins.text(plugin, "count", ""));
            engine.go.countDown();

            assertThat(call.get()).isEqualTo("001");
            EngineStatus compiled = plugin.engine().orElseThrow();
            assertThat(compiled.mode()).isEqualTo(EngineStatus.Mode.COMPILED);
            assertThat(compiled.compiled()).isEqualTo(compiled.of());
            assertThat(compiled.engine()).startsWith("chicory ");
        }
    }

    @Test
    void timeThatACallWaited_isNotTakenFromItsOwn() throws Exception {
        SlowEngine engine = new SlowEngine();
        try (Plugins plugins = impatient(engine)) {
            LoadedPlugin plugin = plugins.timeout(Duration.ofSeconds(2)).load("faults");
            FutureTask<String> call = new FutureTask<>(() -> Plugins.text(plugin, "loop", ""));
            Thread caller = new Thread(call);
            caller.start();
            while (caller.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
            engine.go.countDown();
            assertThatExceptionOfType(ExecutionException.class)
                    .isThrownBy(call::get)
                    .havingCause()
                    .withMessage("timed out after 2000 ms");
        }
    }

    @Test
    void callThatCannotWaitAnyLonger_isToldHowFarItIsAndMayTryAgain() throws Exception {
        SlowEngine engine = new SlowEngine();
        try (Plugins plugins = impatient(engine)) {
            LoadedPlugin plugin = plugins.timeout(Duration.ofMillis(20)).load("state");
            engine.begun.await();

            Failures.assertFails(ErrorCode.UNAVAILABLE, () -> Plugins.text(plugin, "count", ""))
                    .startsWith("the plugin is still being made ready: 1 of ")
                    .endsWith(" functions are compiled; try again");
        }
    }

    @Test
    void pluginThatFailsWithinTheWait_isNotLoaded() {
        try (Plugins plugins = new Plugins()) {
            Failures.assertFails(ErrorCode.PLUGIN_TRAP, () -> plugins.load("start-trap"));
            assertThat(plugins.context.reported()).isEmpty();
        }
    }

    @Test
    void pluginThatFailsLater_saysSoInEachCall() throws Exception {
        SlowEngine engine = new SlowEngine();
        try (Plugins plugins = impatient(engine)) {
            LoadedPlugin plugin = plugins.load("start-trap");
            engine.go.countDown();
            for (int i = 0; i < 2; i++) {
                Failures.assertFails(ErrorCode.PLUGIN_FAILED, () -> plugin.invoke(Plugins.call("seven", "[]")))
                        .startsWith("the plugin could not be made ready: ")
                        .contains("trapped")
                        .endsWith("; bring it back with enable, or unload it");
            }
            assertThat(plugin.engine().orElseThrow().mode()).isEqualTo(EngineStatus.Mode.FAILED);
            assertThat(plugin.failure().orElseThrow()).contains("trapped");
            while (plugins.context.reported().isEmpty()) {
                Thread.onSpinWait();
            }
            assertThat(plugins.context.reported().get(PluginEvent.Kind.FAILED)).contains("trapped");
        }
    }

    @Test
    void codeThatTakesTooLong_isALimit() {
        SlowEngine engine = new SlowEngine();
        Plugins.TestConfig config = new Plugins.TestConfig(16 << 20, -1, 1, /* compile_timeout_ms */ 50, 0, "info");
        try (Plugins plugins = new Plugins(engine, config)) {
            Failures.assertFails(ErrorCode.LIMIT_EXCEEDED, () -> plugins.load("state"))
                    .contains("took longer than 50 ms (compile.timeout.ms of");
        }
    }

    @Test
    void defectOfAnEngine_failsThePlugin() {
        WasmEngine broken = new BrokenEngine();
        try (Plugins plugins = new Plugins(broken, new Plugins.TestConfig(16 << 20, -1))) {
            Failures.assertFails(ErrorCode.INTERNAL, () -> plugins.load("state"));
        }
    }

    @Test
    void unloadWhileCompiling_endsTheCompilation() throws Exception {
        SlowEngine engine = new SlowEngine();
        try (Plugins plugins = impatient(engine)) {
            LoadedPlugin plugin = plugins.load("state");
            engine.begun.await();
            plugin.close();
            engine.cancelled.await();
            Failures.assertFails(ErrorCode.UNAVAILABLE, () -> Plugins.text(plugin, "count", ""));
        }
    }

    @Test
    void selftestWithTheExpectedAnswer_leavesNoTrace() {
        try (Plugins plugins = new Plugins()) {
            LoadedPlugin plugin = plugins.instances(InstancePolicy.STATEFUL)
                    .selftest("count", "", "001")
                    .load("state");
            assertThat(Plugins.text(plugin, "count", "")).isEqualTo("001");
        }
    }

    @Test
    void selftestWithAnotherAnswer_refusesThePlugin() {
        try (Plugins plugins = new Plugins()) {
            plugins.selftest("count", "", "x");
            Failures.assertFails(ErrorCode.PLUGIN_FAILED, () -> plugins.load("state"))
                    .isEqualTo("the manifest's selftest 'count' answered '001'; expected 'x'");
            plugins.selftest("trap", "", "x");
            Failures.assertFails(ErrorCode.PLUGIN_TRAP, () -> plugins.load("state"))
                    .startsWith("the manifest's selftest 'trap': ");
            plugins.selftest("lacking", "", "x");
            Failures.assertFails(ErrorCode.FUNCTION_NOT_FOUND, () -> plugins.load("state"))
                    .startsWith("the manifest's selftest 'lacking': ");
        }
    }

    @Test
    void warmUp_callsOnGuestsOfItsOwn() throws Exception {
        SlowEngine engine = new SlowEngine();
        engine.go.countDown();
        try (Plugins plugins = new Plugins(engine, new Plugins.TestConfig(16 << 20, -1))) {
            LoadedPlugin plugin = plugins.instances(InstancePolicy.STATEFUL)
                    .warmUp("count", "", 50)
                    .load("state");
            engine.awaitRestores(50);
            assertThat(Plugins.text(plugin, "count", "")).isEqualTo("001");
        }
    }

    private static final class BrokenEngine implements WasmEngine {

        @Override
        public String name() {
            return "broken 1";
        }

        @Override
        public WasmModule compile(byte[] wasm, Sha256 digest, CompileProgress progress) {
            throw new IllegalStateException("broken");
        }
    }

    /** The real engine, which begins when it is told to; and counts. */
    private static final class SlowEngine implements WasmEngine {

        private final WasmEngine engine = new ChicoryEngine();
        final CountDownLatch begun = new CountDownLatch(1);
        final CountDownLatch go = new CountDownLatch(1);
        final CountDownLatch cancelled = new CountDownLatch(1);
        private final AtomicInteger restores = new AtomicInteger();

        synchronized void awaitRestores(int count) throws InterruptedException {
            while (restores.get() < count) {
                wait();
            }
        }

        @Override
        public String name() {
            return engine.name();
        }

        @Override
        public WasmModule compile(byte[] wasm, Sha256 digest, CompileProgress progress) {
            progress.compiled(1, 4);
            begun.countDown();
            try {
                go.await();
            } catch (InterruptedException e) {
                cancelled.countDown();
                throw new PluginException(ErrorCode.CANCELLED, "cancelled");
            }
            return new Counting(engine.compile(wasm, digest, progress));
        }

        private synchronized void restored() {
            restores.incrementAndGet();
            notifyAll();
        }

        private final class Counting implements WasmModule {

            private final WasmModule module;

            Counting(WasmModule module) {
                this.module = module;
            }

            @Override
            public List<WasmImport> imports() {
                return module.imports();
            }

            @Override
            public List<WasmExport> exports() {
                return module.exports();
            }

            @Override
            public int functionCount() {
                return module.functionCount();
            }

            @Override
            public int compiledCount() {
                return module.compiledCount();
            }

            @Override
            public WasmInstance instantiate(
                    List<ImportedFunction> imports, Map<String, WasmInstance> modules, long memoryBytes) {
                WasmInstance made = module.instantiate(imports, modules, memoryBytes);
                return new CountingInstance(made, SlowEngine.this::restored);
            }

            @Override
            public void close() {
                module.close();
            }
        }
    }
}
