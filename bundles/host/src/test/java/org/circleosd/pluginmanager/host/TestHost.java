package org.circleosd.pluginmanager.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginManifest.ErrorBudget;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Version;

/** A host in a folder, with a state store that outlives it. */
final class TestHost implements AutoCloseable {

    static final Duration LONG = Duration.ofSeconds(30);
    static final PluginId ONE = new PluginId("one");
    /** Most that a plugin keeps as values. */
    static final long VALUE_BYTES = 1_000;

    final Fakes.State state = new Fakes.State();
    final Fakes.Trust trust = new Fakes.Trust();
    final Fakes.EchoRuntime runtime = new Fakes.EchoRuntime("r1");
    InvocationLimits limits = InvocationLimits.DEFAULT;
    Optional<ErrorBudget> errorBudget = Optional.empty();
    Plugins.Settings settings =
            new Plugins.Settings(1_024, false, LONG, new RuntimeFailures.Limit(3, Duration.ofMinutes(10)));
    Plugins plugins;

    private final Path dir;

    TestHost(Path dir) throws IOException {
        this.dir = dir;
        start(LONG);
    }

    /** Starts a host that has what it needs. */
    static TestHost open(Path dir) throws IOException {
        TestHost host = new TestHost(dir);
        host.open();
        return host;
    }

    /** Binds what the host needs. */
    void open() {
        plugins.bindState(state);
        plugins.bindRuntime(PluginType.WASM, runtime, 0);
    }

    void reopen() throws IOException {
        plugins.close();
        start(LONG);
        open();
    }

    /** Begins with a host to which nothing is bound. */
    void start(Duration wait) throws IOException {
        ImageStore images = new ImageStore(dir.resolve("store"), 1 << 20, List.of());
        LimitPolicy policy = new LimitPolicy(limits, limits, VALUE_BYTES, errorBudget);
        Preparation preparation = new Preparation(images, policy, new Version(0, 1, 0), wait, LONG);
        preparation.parsers.bind(new Fakes.Parser());
        preparation.trusts.bind(trust);
        plugins = new Plugins(preparation, wait, LONG, Clock.systemUTC(), settings);
    }

    /** Makes a plugin file that holds its own name. */
    Path file(String name) throws IOException {
        return Files.writeString(dir.resolve(name), name);
    }

    /** Loads a plugin under the id {@link #ONE}. */
    PluginInfo loadOne() throws IOException {
        return plugins.load(LoadRequest.of(file("one.wasm")));
    }

    /** Loads the plugin {@link #ONE} and returns its values as it sees them. */
    KeyValues loadValues() throws IOException {
        loadOne();
        return latestValues();
    }

    /** Returns the values as the plugin sees them that was opened last. */
    KeyValues latestValues() {
        return runtime.contexts.get(runtime.contexts.size() - 1).values();
    }

    /** Returns the values of the plugin {@link #ONE} that the state store has. */
    Map<String, String> keptValues() {
        Map<String, String> kept = new TreeMap<>();
        state.entries("kv.one").forEach((key, value) -> kept.put(key, new String(value, UTF_8)));
        return kept;
    }

    /** Puts other content under the id {@link #ONE}. */
    PluginInfo upgrade(Path file) {
        return plugins.change(ONE, slot -> plugins.upgrades().upgrade(slot, LoadRequest.of(file), false));
    }

    PluginInfo rollback() {
        return plugins.change(ONE, plugins.upgrades()::rollback);
    }

    PluginInfo reload() {
        return plugins.change(ONE, plugins.switches()::reload);
    }

    PluginInfo enable() {
        return plugins.change(ONE, plugins.switches()::enable);
    }

    PluginInfo disable() {
        return plugins.change(ONE, plugins.switches()::disable);
    }

    PluginInfo info() {
        return plugins.set().get(ONE).status().info();
    }

    void awaitState(PluginState state) {
        while (info().state() != state) {
            Thread.onSpinWait();
        }
    }

    List<Path> storedImages() throws IOException {
        try (Stream<Path> files = Files.list(dir.resolve("store"))) {
            return files.toList();
        }
    }

    String invoke(String payload) {
        Invocation call = new Invocation("echo", payload.getBytes(UTF_8), Caller.local("test"));
        return new String(plugins.set().get(ONE).invoke(call), UTF_8);
    }

    CompletableFuture<String> blockedCall(CountDownLatch inside, CountDownLatch go) throws InterruptedException {
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
    FutureTask<String> waitingCall() {
        FutureTask<String> call = new FutureTask<>(() -> invoke("waiting"));
        Thread thread = new Thread(call);
        thread.start();
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        return call;
    }

    static <T> FutureTask<T> started(Callable<T> work) {
        FutureTask<T> task = new FutureTask<>(work);
        new Thread(task).start();
        return task;
    }

    static @Nullable String text(KeyValues values, String key) {
        byte[] value = values.get(key);
        return value == null ? null : new String(value, UTF_8);
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    static void assertCode(ErrorCode code, ThrowingCallable call) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(call)
                .extracting(PluginException::code)
                .isEqualTo(code);
    }

    @Override
    public void close() {
        plugins.close();
    }
}
