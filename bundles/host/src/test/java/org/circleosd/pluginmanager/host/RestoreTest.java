package org.circleosd.pluginmanager.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.host.TestHost.assertCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.StateStore.Change;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RestoreTest {

    private static final PluginId TWO = new PluginId("two");

    @TempDir
    Path dir;

    @AutoClose
    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = TestHost.open(dir);
        host.loadOne();
    }

    @Test
    void safeMode_opensNothingAndChangesNothing() throws IOException {
        host.plugins.load(LoadRequest.of(host.file("two.wasm")));
        Plugins.Settings usual = host.settings;
        host.settings = new Plugins.Settings(usual.events(), true, usual.readyWait(), usual.failures());
        host.reopen();
        assertThat(host.plugins.set().list())
                .extracting(PluginInfo::state)
                .containsExactly(PluginState.DISABLED, PluginState.DISABLED);
        assertThat(host.info().reason()).isEqualTo("the daemon was started in safe mode");
        assertThat(host.runtime.open).hasValue(0);
        assertThat(host.plugins.events().after(0))
                .extracting(PluginEvent::kind)
                .containsExactly(PluginEvent.Kind.DISABLED, PluginEvent.Kind.DISABLED);

        host.plugins.unload(TWO, false);
        host.enable();
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        assertThat(host.disable().reason()).isEqualTo(PluginSlot.DISABLED);
        host.enable();

        host.settings = usual;
        host.reopen();
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        assertThat(host.plugins.set().list()).hasSize(1);
    }

    @Test
    void slowPlugin_doesNotKeepTheOthersWaiting() throws Exception {
        for (int i = 0; i < 4; i++) {
            host.plugins.load(LoadRequest.of(host.file("slow" + i + ".wasm")));
        }
        host.plugins.load(LoadRequest.of(host.file("two.wasm")));
        CountDownLatch go = new CountDownLatch(1);
        host.runtime.opening = context -> {
            if (context.id().value().startsWith("slow")) {
                await(go);
            }
        };
        host.reopen();
        while (host.plugins.set().get(TWO).status().state() != PluginState.ACTIVE) {
            Thread.onSpinWait();
        }
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        assertThat(host.plugins.set().get(new PluginId("slow0")).status().state())
                .isEqualTo(PluginState.LOADING);
        go.countDown();
    }

    @Test
    void callOnALoadingPlugin_waitsAsLongAsItsOwnTime() throws Exception {
        startWithoutRuntime(Duration.ofMillis(1));
        FutureTask<String> call = host.waitingCall();
        host.plugins.bindRuntime(PluginType.WASM, host.runtime, 0);
        assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo("r1:waiting");
    }

    @Test
    void callOnALoadingPlugin_isUnavailableAfterItsOwnTime() {
        host.limits = new InvocationLimits(Duration.ofMillis(20), 1 << 20, 1 << 20, 1, 10);
        startWithoutRuntime(TestHost.LONG);
        assertCode(ErrorCode.UNAVAILABLE, () -> host.invoke("hi"));
    }

    @Test
    void imagesThatADamagedRecordMayName_areNotSwept() throws IOException {
        host.upgrade(host.file("next.wasm"));
        host.plugins.close();
        byte[] record = host.state.entries("previous").get("one");
        host.state.commit(List.of(new Change("previous", "one", "damaged".getBytes(UTF_8))));
        host.start(TestHost.LONG);
        host.open();
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        assertCode(ErrorCode.BAD_REQUEST, host::rollback);
        assertThat(host.storedImages()).hasSize(2);

        host.plugins.close();
        host.state.commit(List.of(new Change("previous", "one", record)));
        host.start(TestHost.LONG);
        host.open();
        host.awaitState(PluginState.ACTIVE);
        assertThat(host.rollback().name()).isEqualTo("one");
    }

    @Test
    void stateThatCannotBeWritten_costsNoImages() throws IOException {
        Path leftOver = Files.writeString(dir.resolve("store").resolve("f".repeat(64)), "of a record that is lost");
        host.state.readOnly = true;
        host.reopen();
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        assertThat(leftOver).exists();
        host.state.readOnly = false;
        host.reopen();
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        assertThat(leftOver).doesNotExist();
    }

    @Test
    void events_areKeptUpToALimitAndNumberedOnOverARestart() throws IOException {
        Plugins.Settings usual = host.settings;
        host.settings = new Plugins.Settings(3, false, usual.readyWait(), usual.failures());
        host.reopen();
        host.awaitState(PluginState.ACTIVE);
        for (int i = 0; i < 4; i++) {
            host.reload();
        }
        long first = Restore.EVENTS_OF_A_LIFE + 1;
        assertThat(host.plugins.events().after(0))
                .extracting(PluginEvent::sequence)
                .containsExactly(first + 2, first + 3, first + 4);
        assertThat(host.plugins.events().after(first + 3)).hasSize(1);
        assertThat(host.plugins.events().after(first + 4)).isEmpty();
    }

    private void startWithoutRuntime(Duration wait) {
        host.plugins.close();
        try {
            host.start(wait);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        host.plugins.bindState(host.state);
        while (true) {
            try {
                if (host.plugins.set().get(TestHost.ONE) != null) {
                    return;
                }
            } catch (PluginException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            }
        }
    }

    private static void await(CountDownLatch go) {
        try {
            assertThat(go.await(30, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
