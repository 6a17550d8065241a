package org.circleosd.pluginmanager.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Version;

@Timeout(60)
class PluginsTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final PluginId ONE = new PluginId("one");

    @TempDir
    Path dir;

    private final Fakes.State state = new Fakes.State();
    private final Fakes.EchoRuntime runtime = new Fakes.EchoRuntime("r1");
    private InvocationLimits limits = InvocationLimits.DEFAULT;
    private Plugins plugins;

    @BeforeEach
    void open() throws IOException {
        plugins = newPlugins(LONG);
        plugins.bindState(state);
        plugins.bindRuntime(PluginType.WASM, runtime, 0);
    }

    @AfterEach
    void close() {
        plugins.close();
    }

    @Test
    void loadedPlugin_isListedAndAnswers() throws IOException {
        PluginInfo info = plugins.load(LoadRequest.of(file("one.wasm")));
        assertThat(info.id()).isEqualTo(ONE);
        assertThat(info.state()).isEqualTo(PluginState.ACTIVE);
        assertThat(plugins.list()).containsExactly(info);
        assertThat(invoke("hi")).isEqualTo("r1:hi");
        assertThat(plugins.slot(ONE).log.lines()).containsExactly("opened by r1");
    }

    @Test
    void siblingManifest_isUsed() throws IOException {
        Path file = file("one.wasm");
        Files.writeString(dir.resolve("one.json"), "Other Name");
        assertThat(plugins.load(LoadRequest.of(file)).id()).isEqualTo(new PluginId("other-name"));
    }

    @Test
    void takenId_isRefusedAndTheFirstGoesOn() throws IOException {
        plugins.load(LoadRequest.of(file("one.wasm")));
        assertCode(ErrorCode.ALREADY_LOADED, () -> plugins.load(LoadRequest.of(file("one.wasm"))));
        assertThat(invoke("hi")).isEqualTo("r1:hi");
        PluginId two = new PluginId("two");
        LoadRequest asTwo = new LoadRequest(file("one.wasm"), Optional.empty(), Optional.of(two));
        assertThat(plugins.load(asTwo).id()).isEqualTo(two);
    }

    @Test
    void manyLoadsOfOneId_oneWins() throws Exception {
        Path file = file("one.wasm");
        List<CompletableFuture<Boolean>> loads = IntStream.range(0, 16)
                .mapToObj(i -> CompletableFuture.supplyAsync(() -> {
                    try {
                        plugins.load(LoadRequest.of(file));
                        return true;
                    } catch (PluginException e) {
                        assertThat(e.code()).isEqualTo(ErrorCode.ALREADY_LOADED);
                        return false;
                    }
                }))
                .toList();
        assertThat(loads.stream().filter(CompletableFuture::join)).hasSize(1);
        assertThat(runtime.open).hasValue(1);
    }

    @Test
    void refusedPlugin_leavesNothingBehind() throws IOException {
        runtime.refuses = "one";
        assertCode(ErrorCode.PLUGIN_INVALID, () -> plugins.load(LoadRequest.of(file("one.wasm"))));
        assertThat(plugins.list()).isEmpty();
        assertThat(state.entries("plugins")).isEmpty();
        assertThat(storedImages()).isEmpty();
    }

    @Test
    void loadThatCannotBeKept_isUndone() throws IOException {
        state.readOnly = true;
        assertCode(ErrorCode.STATE_READ_ONLY, () -> plugins.load(LoadRequest.of(file("one.wasm"))));
        assertThat(plugins.list()).isEmpty();
        assertThat(runtime.open).hasValue(0);
        assertThat(storedImages()).isEmpty();
    }

    @Test
    void unloadThatCannotBeKept_leavesThePluginActive() throws IOException {
        plugins.load(LoadRequest.of(file("one.wasm")));
        state.readOnly = true;
        assertCode(ErrorCode.STATE_READ_ONLY, () -> {
            plugins.unload(ONE);
            return null;
        });
        assertThat(invoke("hi")).isEqualTo("r1:hi");
    }

    @Test
    void unload_waitsForTheCallInFlight() throws Exception {
        plugins.load(LoadRequest.of(file("one.wasm")));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<String> call = blockedCall(inside, go);
        CompletableFuture<Void> unload = CompletableFuture.runAsync(() -> plugins.unload(ONE));
        while (plugins.list().get(0).state() != PluginState.DRAINING) {
            Thread.onSpinWait();
        }
        assertCode(ErrorCode.PLUGIN_NOT_FOUND, () -> invoke("new"));
        assertThat(unload).isNotDone();
        go.countDown();
        assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo("r1:slow");
        unload.get(30, TimeUnit.SECONDS);
        assertThat(plugins.list()).isEmpty();
        assertThat(storedImages()).isEmpty();
        assertThat(runtime.open).hasValue(0);
    }

    @Test
    void replace_switchesNewCallsWhileOldOnesEnd() throws Exception {
        plugins.load(LoadRequest.of(file("one.wasm")));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<String> call = blockedCall(inside, go);
        Path next = Files.writeString(dir.resolve("next.wasm"), "other bytes");
        CompletableFuture<PluginInfo> replace =
                CompletableFuture.supplyAsync(() -> plugins.replace(ONE, LoadRequest.of(next)));
        while (runtime.open.get() < 2 || !plugins.list().get(0).name().equals("next")) {
            Thread.onSpinWait();
        }
        assertThat(invoke("hi")).isEqualTo("r1:hi");
        go.countDown();
        assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo("r1:slow");
        assertThat(replace.get(30, TimeUnit.SECONDS).path()).isEqualTo(next.toString());
        assertThat(runtime.open).hasValue(1);
        assertThat(storedImages()).hasSize(1);
    }

    @Test
    void badReplacement_leavesTheOldOne() throws IOException {
        plugins.load(LoadRequest.of(file("one.wasm")));
        runtime.refuses = "bad";
        assertCode(ErrorCode.PLUGIN_INVALID, () -> plugins.replace(ONE, LoadRequest.of(file("bad.wasm"))));
        assertThat(invoke("hi")).isEqualTo("r1:hi");
        assertThat(plugins.list().get(0).name()).isEqualTo("one");
        assertThat(storedImages()).hasSize(1);
    }

    @Test
    void callsThatWait_goToTheReplacement() throws Exception {
        limits = new InvocationLimits(LONG, 1 << 20, 1 << 20, 1, 10);
        reopen();
        plugins.load(LoadRequest.of(file("one.wasm")));
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<String> running = blockedCall(new CountDownLatch(1), go);
        FutureTask<String> waiting = waitingCall();

        Path next = Files.writeString(dir.resolve("next.wasm"), "other bytes");
        FutureTask<PluginInfo> replace = started(() -> plugins.replace(ONE, LoadRequest.of(next)));

        assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo("r1:waiting");
        assertThat(running).isNotDone();
        go.countDown();
        assertThat(running.get(30, TimeUnit.SECONDS)).isEqualTo("r1:slow");
        assertThat(replace.get(30, TimeUnit.SECONDS).name()).isEqualTo("next");
    }

    @Test
    void callsThatWait_areRefusedWhenThePluginIsUnloaded() throws Exception {
        limits = new InvocationLimits(LONG, 1 << 20, 1 << 20, 1, 10);
        reopen();
        plugins.load(LoadRequest.of(file("one.wasm")));
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<String> running = blockedCall(new CountDownLatch(1), go);
        FutureTask<String> waiting = waitingCall();

        FutureTask<String> unload = started(() -> {
            plugins.unload(ONE);
            return "unloaded";
        });

        assertThatThrownBy(() -> waiting.get(30, TimeUnit.SECONDS)).hasRootCauseMessage("no plugin has the id 'one'");
        assertThat(running).isNotDone();
        go.countDown();
        assertThat(unload.get(30, TimeUnit.SECONDS)).isEqualTo("unloaded");
    }

    @Test
    void linkedModules_areKeptWithThePlugin() throws IOException {
        Files.createDirectories(dir.resolve("lib"));
        Path lib = Files.writeString(dir.resolve("lib/b.wasm"), "bytes of b");
        Path main = file("one.wasm");
        Files.writeString(
                dir.resolve("one.json"),
                "one\nb=lib/b.wasm " + Sha256.of("bytes of b".getBytes(UTF_8)) + "\na:bytes of a");
        plugins.load(LoadRequest.of(main));
        assertThat(runtime.linked).hasToString("{b=bytes of b, a=bytes of a}");
        assertThat(storedImages()).hasSize(3);

        Files.delete(lib);
        Files.delete(main);
        Files.writeString(dir.resolve("store").resolve("f".repeat(64)), "left over");
        runtime.linked = Map.of();
        reopen();
        assertThat(invoke("hi")).isEqualTo("r1:hi");
        assertThat(runtime.linked).hasToString("{b=bytes of b, a=bytes of a}");
        assertThat(storedImages()).hasSize(3);

        plugins.unload(ONE);
        assertThat(storedImages()).isEmpty();
    }

    @Test
    void moduleThatCannotBeLinked_leavesNothingBehind() throws IOException {
        Path main = file("one.wasm");
        file("b.wasm");
        for (String modules : List.of("b=b.wasm\nc=missing.wasm", "b=b.wasm " + "0".repeat(64))) {
            Files.writeString(dir.resolve("one.json"), "one\n" + modules);
            assertThatExceptionOfType(PluginException.class)
                    .isThrownBy(() -> plugins.load(LoadRequest.of(main)))
                    .withMessageMatching(
                            ".*missing.wasm does not exist|"
                                    + "the module 'b' of one.json has the SHA-256 [0-9a-f]{64}; the manifest expects 0{64}: .*");
            assertThat(plugins.list()).isEmpty();
            assertThat(storedImages()).isEmpty();
        }
    }

    @Test
    void keptPlugins_comeBackWithoutTheirFiles() throws IOException {
        Path file = file("one.wasm");
        PluginInfo before = plugins.load(LoadRequest.of(file));
        plugins.close();
        Files.delete(file);
        plugins = newPlugins(LONG);
        plugins.bindState(state);
        assertThat(plugins.list()).extracting(PluginInfo::id).containsExactly(ONE);
        CompletableFuture<String> early = CompletableFuture.supplyAsync(() -> invoke("hi"));
        plugins.bindRuntime(PluginType.WASM, runtime, 0);
        assertThat(early.join()).isEqualTo("r1:hi");
        assertThat(plugins.list()).containsExactly(before);
    }

    @Test
    void stateThatCannotBeRead_costsNoImages() throws IOException {
        plugins.load(LoadRequest.of(file("one.wasm")));
        PluginInfo before = plugins.list().get(0);
        plugins.close();
        Fakes.State damaged = new Fakes.State();
        damaged.readOnly = true;
        plugins = newPlugins(LONG);
        plugins.bindState(damaged);
        plugins.bindRuntime(PluginType.WASM, runtime, 0);
        assertThat(plugins.list()).isEmpty();
        assertCode(ErrorCode.STATE_READ_ONLY, () -> plugins.load(LoadRequest.of(file("one.wasm"))));
        plugins.close();

        plugins = newPlugins(LONG);
        plugins.bindState(state);
        plugins.bindRuntime(PluginType.WASM, runtime, 0);
        assertThat(invoke("hi")).isEqualTo("r1:hi");
        assertThat(plugins.list()).containsExactly(before);
    }

    @Test
    void keptPluginWithoutImage_isFailedAndTheRestRuns() throws IOException {
        plugins.load(LoadRequest.of(file("one.wasm")));
        plugins.load(LoadRequest.of(file("two.wasm")));
        plugins.close();
        for (Path image : storedImages()) {
            if (Files.readString(image).equals("one.wasm")) {
                Files.delete(image);
            }
        }
        plugins = newPlugins(LONG);
        plugins.bindState(state);
        plugins.bindRuntime(PluginType.WASM, runtime, 0);
        assertCode(ErrorCode.PLUGIN_FAILED, () -> invoke("hi"));
        assertThat(plugins.list().get(0).reason()).contains("missing from the store");
        Invocation call = new Invocation("echo", "hi".getBytes(StandardCharsets.UTF_8), Caller.local("test"));
        assertThat(new String(plugins.slot(new PluginId("two")).invoke(call), StandardCharsets.UTF_8))
                .isEqualTo("r1:hi");
        plugins.unload(ONE);
        assertThat(plugins.list()).hasSize(1);
    }

    @Test
    void leavingRuntime_endsItsCallsAndTheNextRuntimeTakesTheWaitingOnes() throws Exception {
        plugins.load(LoadRequest.of(file("one.wasm")));
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<String> call = blockedCall(inside, go);
        CompletableFuture<Void> leave =
                CompletableFuture.runAsync(() -> plugins.unbindRuntime(PluginType.WASM, runtime));
        while (plugins.list().get(0).state() != PluginState.SUSPENDED) {
            Thread.onSpinWait();
        }
        CompletableFuture<String> waiting = CompletableFuture.supplyAsync(() -> invoke("hi"));
        assertThat(leave).isNotDone();
        go.countDown();
        assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo("r1:slow");
        leave.get(30, TimeUnit.SECONDS);
        assertThat(runtime.open).hasValue(0);
        plugins.bindRuntime(PluginType.WASM, new Fakes.EchoRuntime("r2"), 0);
        assertThat(waiting.get(30, TimeUnit.SECONDS)).isEqualTo("r2:hi");
    }

    @Test
    void betterRuntime_takesThePluginsOver() throws IOException {
        plugins.load(LoadRequest.of(file("one.wasm")));
        plugins.bindRuntime(PluginType.WASM, new Fakes.EchoRuntime("r2"), 5);
        while (runtime.open.get() > 0) {
            Thread.onSpinWait();
        }
        assertThat(invoke("hi")).isEqualTo("r2:hi");
    }

    @Test
    void runtimeThatLeavesBesideAnother_leavesNoGap() throws IOException {
        plugins.load(LoadRequest.of(file("one.wasm")));
        plugins.bindRuntime(PluginType.WASM, new Fakes.EchoRuntime("r2"), -5);
        assertThat(invoke("hi")).isEqualTo("r1:hi");
        plugins.unbindRuntime(PluginType.WASM, runtime);
        assertThat(plugins.list().get(0).state()).isEqualTo(PluginState.ACTIVE);
        assertThat(invoke("hi")).isEqualTo("r2:hi");
        assertThat(runtime.open).hasValue(0);
    }

    @Test
    void pluginThatARuntimeCannotOpen_failsAndTheNextRuntimeTriesAgain() throws IOException {
        plugins.load(LoadRequest.of(file("one.wasm")));
        plugins.unbindRuntime(PluginType.WASM, runtime);
        Fakes.EchoRuntime broken = new Fakes.EchoRuntime("r2");
        broken.refuses = "one";
        plugins.bindRuntime(PluginType.WASM, broken, 0);
        assertCode(ErrorCode.PLUGIN_FAILED, () -> invoke("hi"));
        plugins.unbindRuntime(PluginType.WASM, broken);
        plugins.bindRuntime(PluginType.WASM, new Fakes.EchoRuntime("r3"), 0);
        while (plugins.list().get(0).state() != PluginState.ACTIVE) {
            Thread.onSpinWait();
        }
        assertThat(invoke("hi")).isEqualTo("r3:hi");
    }

    @Test
    void noRuntime_isUnavailableAfterTheWait() throws IOException {
        plugins.close();
        plugins = newPlugins(Duration.ofMillis(20));
        plugins.bindState(state);
        Path file = file("one.wasm");
        while (true) {
            try {
                plugins.list();
                break;
            } catch (PluginException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            }
        }
        assertCode(ErrorCode.UNAVAILABLE, () -> plugins.load(LoadRequest.of(file)));
        assertThat(plugins.list()).isEmpty();
    }

    private CompletableFuture<String> blockedCall(CountDownLatch inside, CountDownLatch go)
            throws InterruptedException {
        runtime.behaviour = text -> {
            if (text.equals("slow")) {
                inside.countDown();
                try {
                    assertThat(go.await(30, TimeUnit.SECONDS)).isTrue();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
            return text;
        };
        CompletableFuture<String> call = CompletableFuture.supplyAsync(() -> invoke("slow"));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        return call;
    }

    /** Starts a call that finds no room. */
    private FutureTask<String> waitingCall() {
        FutureTask<String> call = new FutureTask<>(() -> invoke("waiting"));
        Thread thread = new Thread(call);
        thread.start();
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        return call;
    }

    private static <T> FutureTask<T> started(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        new Thread(task).start();
        return task;
    }

    private void reopen() throws IOException {
        plugins.close();
        open();
    }

    private String invoke(String payload) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        return new String(
                plugins.slot(ONE).invoke(new Invocation("echo", bytes, Caller.local("test"))), StandardCharsets.UTF_8);
    }

    private Plugins newPlugins(Duration wait) throws IOException {
        LimitPolicy policy = new LimitPolicy(limits, limits);
        ImageStore images = new ImageStore(dir.resolve("store"), 1 << 20, List.of());
        Preparation preparation = new Preparation(images, policy, new Version(0, 1, 0), wait, LONG);
        preparation.parsers.bind(new Fakes.Parser());
        preparation.trusts.bind(new Fakes.Trust());
        return new Plugins(preparation, wait, LONG, Clock.systemUTC());
    }

    private Path file(String name) throws IOException {
        return Files.writeString(dir.resolve(name), name);
    }

    private List<Path> storedImages() throws IOException {
        try (Stream<Path> files = Files.list(dir.resolve("store"))) {
            return files.toList();
        }
    }

    private static void assertCode(ErrorCode code, Callable<?> call) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(call::call)
                .extracting(PluginException::code)
                .isEqualTo(code);
    }
}
