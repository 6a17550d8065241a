package org.circleosd.pluginmanager.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PluginsTest {

    @TempDir
    Path dir;

    @AutoClose
    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = TestHost.open(dir);
    }

    @Test
    void loadedPlugin_isListedAndAnswers() throws IOException {
        PluginInfo info = host.plugins.load(LoadRequest.of(host.file("one.wasm")));
        assertThat(info.id()).isEqualTo(TestHost.ONE);
        assertThat(info.state()).isEqualTo(PluginState.ACTIVE);
        assertThat(host.plugins.set().list()).containsExactly(info);
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        assertThat(host.plugins.set().get(TestHost.ONE).log.lines()).containsExactly("opened by r1");
    }

    @Test
    void siblingManifest_isUsed() throws IOException {
        Path file = host.file("one.wasm");
        Files.writeString(dir.resolve("one.json"), "Other Name");
        assertThat(host.plugins.load(LoadRequest.of(file)).id()).isEqualTo(new PluginId("other-name"));
    }

    @Test
    void takenId_isRefusedAndTheFirstGoesOn() throws IOException {
        host.plugins.load(LoadRequest.of(host.file("one.wasm")));
        TestHost.assertCode(ErrorCode.ALREADY_LOADED, () -> host.plugins.load(LoadRequest.of(host.file("one.wasm"))));
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        PluginId two = new PluginId("two");
        LoadRequest asTwo = new LoadRequest(host.file("one.wasm"), Optional.empty(), Optional.of(two));
        assertThat(host.plugins.load(asTwo).id()).isEqualTo(two);
    }

    @Test
    void manyLoadsOfOneId_oneWins() throws Exception {
        Path file = host.file("one.wasm");
        List<CompletableFuture<Boolean>> loads = IntStream.range(0, 16)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> {
                    try {
                        host.plugins.load(LoadRequest.of(file));
                        return true;
                    } catch (PluginException e) {
                        assertThat(e.code()).isEqualTo(ErrorCode.ALREADY_LOADED);
                        return false;
                    }
                }))
                .toList();
        assertThat(loads.stream().filter(CompletableFuture::join)).hasSize(1);
        assertThat(host.runtime.open).hasValue(1);
    }

    @Test
    void refusedPlugin_leavesNothingBehind() throws IOException {
        host.runtime.refuses = "one";
        TestHost.assertCode(ErrorCode.PLUGIN_INVALID, () -> host.plugins.load(LoadRequest.of(host.file("one.wasm"))));
        assertThat(host.plugins.set().list()).isEmpty();
        assertThat(host.state.entries("plugins")).isEmpty();
        assertThat(host.storedImages()).isEmpty();
    }

    @Test
    void loadThatCannotBeKept_isUndone() throws IOException {
        host.state.readOnly = true;
        TestHost.assertCode(ErrorCode.STATE_READ_ONLY, () -> host.plugins.load(LoadRequest.of(host.file("one.wasm"))));
        assertThat(host.plugins.set().list()).isEmpty();
        assertThat(host.runtime.open).hasValue(0);
    }

    @Test
    void imageThatAFailedStateMayName_staysUntilTheStateIsWritten() throws IOException {
        host.state.failsLate = true;
        TestHost.assertCode(ErrorCode.STATE_READ_ONLY, () -> host.plugins.load(LoadRequest.of(host.file("one.wasm"))));
        assertThat(host.storedImages()).hasSize(1);
        host.state.failsLate = false;
        host.plugins.load(LoadRequest.of(host.file("two.wasm")));
        assertThat(host.storedImages()).hasSize(1);
    }

    @Test
    void unloadThatCannotBeKept_leavesThePluginActive() throws IOException {
        host.plugins.load(LoadRequest.of(host.file("one.wasm")));
        host.state.readOnly = true;
        TestHost.assertCode(ErrorCode.STATE_READ_ONLY, () -> host.plugins.unload(TestHost.ONE, false));
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
    }

    @Test
    void unload_waitsForTheCallInFlight() throws Exception {
        host.plugins.load(LoadRequest.of(host.file("one.wasm")));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<String> call = host.blockedCall(inside, go);
        CompletableFuture<Void> unload = CompletableFuture.runAsync(() -> host.plugins.unload(TestHost.ONE, false));
        while (host.plugins.set().list().get(0).state() != PluginState.DRAINING) {
            Thread.onSpinWait();
        }
        TestHost.assertCode(ErrorCode.PLUGIN_NOT_FOUND, () -> host.invoke("new"));
        assertThat(unload).isNotDone();
        go.countDown();
        assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo("r1:slow");
        unload.get(30, TimeUnit.SECONDS);
        assertThat(host.plugins.set().list()).isEmpty();
        assertThat(host.storedImages()).isEmpty();
        assertThat(host.runtime.open).hasValue(0);
    }

    @Test
    void upgrade_switchesNewCallsWhileOldOnesEnd() throws Exception {
        host.plugins.load(LoadRequest.of(host.file("one.wasm")));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<String> call = host.blockedCall(inside, go);
        Path next = Files.writeString(dir.resolve("next.wasm"), "other bytes");
        CompletableFuture<PluginInfo> replace = CompletableFuture.supplyAsync(() -> host.upgrade(next));
        while (host.runtime.open.get() < 2
                || !host.plugins.set().list().get(0).name().equals("next")) {
            Thread.onSpinWait();
        }
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        go.countDown();
        assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo("r1:slow");
        assertThat(replace.get(30, TimeUnit.SECONDS).path()).isEqualTo(next.toString());
        assertThat(host.runtime.open).hasValue(1);
        assertThat(host.storedImages()).hasSize(2);
    }

    @Test
    void badUpgrade_leavesTheOldOne() throws IOException {
        host.plugins.load(LoadRequest.of(host.file("one.wasm")));
        host.runtime.refuses = "bad";
        TestHost.assertCode(ErrorCode.PLUGIN_INVALID, () -> host.upgrade(host.file("bad.wasm")));
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        assertThat(host.plugins.set().list().get(0).name()).isEqualTo("one");
        assertThat(host.storedImages()).hasSize(1);
    }

    @Test
    void callsThatWait_goToTheNewContent() throws Exception {
        host.limits = new InvocationLimits(TestHost.LONG, 1 << 20, 1 << 20, 1, 10);
        host.reopen();
        host.plugins.load(LoadRequest.of(host.file("one.wasm")));
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<String> running = host.blockedCall(new CountDownLatch(1), go);
        FutureTask<String> waiting = host.waitingCall();

        Path next = Files.writeString(dir.resolve("next.wasm"), "other bytes");
        FutureTask<PluginInfo> replace = TestHost.started(() -> host.upgrade(next));

        assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo("r1:waiting");
        assertThat(running).isNotDone();
        go.countDown();
        assertThat(running.get(30, TimeUnit.SECONDS)).isEqualTo("r1:slow");
        assertThat(replace.get(30, TimeUnit.SECONDS).name()).isEqualTo("next");
    }

    @Test
    void callsThatWait_areRefusedWhenThePluginIsUnloaded() throws Exception {
        host.limits = new InvocationLimits(TestHost.LONG, 1 << 20, 1 << 20, 1, 10);
        host.reopen();
        host.plugins.load(LoadRequest.of(host.file("one.wasm")));
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<String> running = host.blockedCall(new CountDownLatch(1), go);
        FutureTask<String> waiting = host.waitingCall();

        FutureTask<String> unload = TestHost.started(() -> {
            host.plugins.unload(TestHost.ONE, false);
            return "unloaded";
        });

        assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS)).hasRootCauseMessage("no plugin has the id 'one'");
        assertThat(running).isNotDone();
        go.countDown();
        assertThat(unload.get(30, TimeUnit.SECONDS)).isEqualTo("unloaded");
    }
}
