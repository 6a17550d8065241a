package org.circleosd.pluginmanager.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.PluginType;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PluginMovesTest {

    @TempDir
    Path dir;

    @AutoClose
    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = TestHost.open(dir);
    }

    @Test
    void leavingRuntime_endsItsCallsAndTheNextRuntimeTakesTheWaitingOnes() throws Exception {
        host.plugins.load(LoadRequest.of(host.file("one.wasm")));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<String> call = host.blockedCall(inside, go);
        CompletableFuture<Void> leave =
                CompletableFuture.runAsync(() -> host.plugins.unbindRuntime(PluginType.WASM, host.runtime));
        while (host.plugins.set().list().get(0).state() != PluginState.SUSPENDED) {
            Thread.onSpinWait();
        }
        CompletableFuture<String> waiting = CompletableFuture.supplyAsync(() -> host.invoke("hi"));
        assertThat(leave).isNotDone();
        go.countDown();
        assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo("r1:slow");
        leave.get(30, TimeUnit.SECONDS);
        assertThat(host.runtime.open).hasValue(0);
        host.plugins.bindRuntime(PluginType.WASM, new Fakes.EchoRuntime("r2"), 0);
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo("r2:hi");
    }

    @Test
    void betterRuntime_takesThePluginsOver() throws IOException {
        host.plugins.load(LoadRequest.of(host.file("one.wasm")));
        host.plugins.bindRuntime(PluginType.WASM, new Fakes.EchoRuntime("r2"), 5);
        while (host.runtime.open.get() > 0) {
            Thread.onSpinWait();
        }
        assertThat(host.invoke("hi")).isEqualTo("r2:hi");
    }

    @Test
    void pluginThatIsMissed_isUsedBeforeItIsReady_andNoOther() throws IOException {
        host.plugins.load(LoadRequest.of(host.file("one.wasm")));
        assertThat(host.runtime.patience).containsExactly(TestHost.LONG);
        host.plugins.unbindRuntime(PluginType.WASM, host.runtime);
        Fakes.EchoRuntime next = new Fakes.EchoRuntime("r2");
        next.ready = () -> false;
        host.plugins.bindRuntime(PluginType.WASM, next, 0);
        assertThat(host.invoke("hi")).isEqualTo("r2:hi");
        assertThat(next.patience).containsExactly(Duration.ZERO);

        Fakes.EchoRuntime better = new Fakes.EchoRuntime("r3");
        host.plugins.bindRuntime(PluginType.WASM, better, 5);
        while (next.open.get() > 0) {
            Thread.onSpinWait();
        }
        assertThat(better.patience).containsExactly(TestHost.LONG);
    }

    @Test
    void runtimeThatLeavesBesideAnother_leavesNoGap() throws IOException {
        host.plugins.load(LoadRequest.of(host.file("one.wasm")));
        host.plugins.bindRuntime(PluginType.WASM, new Fakes.EchoRuntime("r2"), -5);
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        host.plugins.unbindRuntime(PluginType.WASM, host.runtime);
        assertThat(host.plugins.set().list().get(0).state()).isEqualTo(PluginState.ACTIVE);
        assertThat(host.invoke("hi")).isEqualTo("r2:hi");
        assertThat(host.runtime.open).hasValue(0);
    }

    @Test
    void pluginThatARuntimeCannotOpen_failsAndTheNextRuntimeTriesAgain() throws IOException {
        host.plugins.load(LoadRequest.of(host.file("one.wasm")));
        host.plugins.unbindRuntime(PluginType.WASM, host.runtime);
        Fakes.EchoRuntime broken = new Fakes.EchoRuntime("r2");
        broken.refuses = "one";
        host.plugins.bindRuntime(PluginType.WASM, broken, 0);
        TestHost.assertCode(ErrorCode.PLUGIN_FAILED, () -> host.invoke("hi"));
        host.plugins.unbindRuntime(PluginType.WASM, broken);
        host.plugins.bindRuntime(PluginType.WASM, new Fakes.EchoRuntime("r3"), 0);
        while (host.plugins.set().list().get(0).state() != PluginState.ACTIVE) {
            Thread.onSpinWait();
        }
        assertThat(host.invoke("hi")).isEqualTo("r3:hi");
    }

    @Test
    void noRuntime_isUnavailableAfterTheWait() throws IOException {
        host.plugins.close();
        host.start(Duration.ofMillis(20));
        host.plugins.bindState(host.state);
        Path file = host.file("one.wasm");
        while (true) {
            try {
                host.plugins.set().list();
                break;
            } catch (PluginException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            }
        }
        TestHost.assertCode(ErrorCode.UNAVAILABLE, () -> host.plugins.load(LoadRequest.of(file)));
        assertThat(host.plugins.set().list()).isEmpty();
    }
}
