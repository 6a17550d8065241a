package org.circleosd.pluginmanager.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.host.TestHost.assertCode;
import static org.circleosd.pluginmanager.host.TestHost.started;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class UpgradesTest {

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
    void rollback_returnsToTheContentBeforeAndASecondOneBack() throws IOException {
        PluginInfo upgraded = host.upgrade(host.file("next.wasm"));
        assertThat(upgraded.name()).isEqualTo("next");
        assertThat(upgraded.details()).containsEntry("previous", "version 0 of " + dir.resolve("one.wasm"));
        assertThat(host.rollback().name()).isEqualTo("one");
        assertThat(host.rollback().name()).isEqualTo("next");
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        assertThat(host.runtime.open).hasValue(1);
        assertThat(host.storedImages()).hasSize(2);
    }

    @Test
    void pluginThatWasNotUpgraded_cannotBeRolledBack() {
        assertCode(ErrorCode.BAD_REQUEST, host::rollback);
        assertThat(host.info().details()).doesNotContainKey("previous");
    }

    @ParameterizedTest
    @CsvSource({"last.wasm, next", "next.wasm, one"})
    void secondUpgrade_forgetsTheFirstContent_butNotForTheSame(String file, String before) throws IOException {
        host.upgrade(host.file("next.wasm"));
        host.upgrade(host.file(file));
        assertThat(host.storedImages()).hasSize(2);
        assertThat(host.rollback().name()).isEqualTo(before);
    }

    @Test
    void contentAndWhatWasBefore_areThereAfterARestart() throws IOException {
        host.upgrade(host.file("next.wasm"));
        Files.delete(dir.resolve("one.wasm"));
        host.reopen();
        host.awaitState(PluginState.ACTIVE);
        assertThat(host.info().name()).isEqualTo("next");
        assertThat(host.storedImages()).hasSize(2);

        assertThat(host.rollback().name()).isEqualTo("one");
        host.reopen();
        host.awaitState(PluginState.ACTIVE);
        assertThat(host.info().name()).isEqualTo("one");
        assertThat(host.rollback().name()).isEqualTo("next");

        host.plugins.unload(TestHost.ONE, false);
        assertThat(host.storedImages()).isEmpty();
        assertThat(host.state.entries("previous")).isEmpty();
    }

    @Test
    void changeThatCannotBeKept_changesNothing() throws IOException {
        host.upgrade(host.file("next.wasm"));
        host.state.readOnly = true;
        Path last = host.file("last.wasm");
        assertCode(ErrorCode.STATE_READ_ONLY, () -> host.upgrade(last));
        assertCode(ErrorCode.STATE_READ_ONLY, host::rollback);
        assertThat(host.info().name()).isEqualTo("next");
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        assertThat(host.runtime.open).hasValue(1);
        host.state.readOnly = false;
        assertThat(host.rollback().name()).isEqualTo("one");
        assertThat(host.storedImages()).hasSize(2);
    }

    @Test
    void contentThatFailsBeforeItIsReady_isRefused() throws IOException {
        host.runtime.ready = () -> {
            throw new PluginException(ErrorCode.PLUGIN_FAILED, "its selftest failed");
        };
        Path next = host.file("next.wasm");
        assertCode(ErrorCode.PLUGIN_FAILED, () -> host.upgrade(next));
        assertThat(host.info().name()).isEqualTo("one");
        assertThat(host.runtime.open).hasValue(1);
        assertThat(host.storedImages()).hasSize(1);
    }

    @Test
    void secondChangeAtTheSameTime_isRefusedAndTheFirstGoesOn() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        host.runtime.ready = () -> {
            inside.countDown();
            return await(go);
        };
        Path next = host.file("next.wasm");
        Path last = host.file("last.wasm");
        FutureTask<PluginInfo> first = started(() -> host.upgrade(next));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();

        assertCode(ErrorCode.BUSY, () -> host.upgrade(last));
        assertCode(ErrorCode.BUSY, host::rollback);
        assertCode(ErrorCode.BUSY, host::reload);
        assertCode(ErrorCode.BUSY, host::disable);
        // Calls and others go on meanwhile.
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        assertThat(host.info().name()).isEqualTo("one");

        go.countDown();
        assertThat(first.get(30, TimeUnit.SECONDS).name()).isEqualTo("next");
        assertThat(host.storedImages()).hasSize(2);
    }

    @Test
    void unloadDuringAnUpgrade_isNotKeptWaiting() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        host.runtime.ready = () -> {
            inside.countDown();
            return await(go);
        };
        Path next = host.file("next.wasm");
        FutureTask<String> upgrade = started(() -> {
            assertCode(ErrorCode.PLUGIN_NOT_FOUND, () -> host.upgrade(next));
            return "refused";
        });
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        host.plugins.unload(TestHost.ONE, false);
        go.countDown();
        assertThat(upgrade.get(30, TimeUnit.SECONDS)).isEqualTo("refused");
        assertThat(host.runtime.open).hasValue(0);
        assertThat(host.storedImages()).isEmpty();
        assertThat(host.state.entries("plugins")).isEmpty();
    }

    @Test
    void runtimeThatLeavesMeanwhile_isFollowedByTheNext() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        host.runtime.ready = () -> {
            inside.countDown();
            return false;
        };
        Path next = host.file("next.wasm");
        FutureTask<PluginInfo> upgrade = started(() -> host.upgrade(next));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        host.plugins.bindRuntime(PluginType.WASM, new Fakes.EchoRuntime("r2"), 0);
        host.plugins.unbindRuntime(PluginType.WASM, host.runtime);
        assertThat(upgrade.get(30, TimeUnit.SECONDS).name()).isEqualTo("next");
        assertThat(host.invoke("hi")).isEqualTo("r2:hi");
        assertThat(host.runtime.open).hasValue(0);
    }

    @Test
    void disabledPlugin_staysDisabledWithTheNewContent() throws IOException {
        host.disable();
        PluginInfo upgraded = host.upgrade(host.file("next.wasm"));
        assertThat(upgraded.name()).isEqualTo("next");
        assertThat(upgraded.state()).isEqualTo(PluginState.DISABLED);
        assertThat(host.runtime.open).hasValue(0);
        host.reopen();
        assertThat(host.info().state()).isEqualTo(PluginState.DISABLED);
        assertThat(host.enable().name()).isEqualTo("next");
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
    }

    @Test
    void failedPlugin_takesCallsAgainWithTheNewContent() throws IOException {
        host.plugins.unbindRuntime(PluginType.WASM, host.runtime);
        host.runtime.refuses = "one";
        host.plugins.bindRuntime(PluginType.WASM, host.runtime, 0);
        host.awaitState(PluginState.FAILED);
        assertThat(host.upgrade(host.file("next.wasm")).state()).isEqualTo(PluginState.ACTIVE);
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
    }

    @Test
    void values_stayWithThePluginWhateverItsContent() throws IOException {
        KeyValues old = host.latestValues();
        old.put("a", new byte[] {1});
        host.upgrade(host.file("next.wasm"));
        assertThat(host.latestValues().get("a")).containsExactly(1);
        host.latestValues().put("a", new byte[] {2});
        host.rollback();
        assertThat(host.latestValues().get("a")).containsExactly(2);
    }

    private static boolean await(CountDownLatch go) {
        try {
            return go.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
