package org.circleosd.pluginmanager.nativeloader.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.nativeloader.CLibrary;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class ProcessHostTest {

    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(300);

    @TempDir
    static Path libraries;

    private static Path deaths;

    @TempDir
    Path dir;

    private PlainHost host;

    @BeforeAll
    static void compile() throws Exception {
        deaths = CLibrary.compileResource(libraries, "deaths");
    }

    @BeforeEach
    void start() throws Exception {
        host = new PlainHost(dir, 1, PlainHost.quick(1000));
    }

    @AfterEach
    void close() throws Exception {
        host.close();
        try (var homes = Files.list(dir.resolve("homes"))) {
            assertThat(homes).as("folders of workers that are gone").isEmpty();
        }
    }

    @Test
    void plugin_answersFromAnotherProcess() throws Exception {
        LoadedPlugin plugin = host.load(deaths, LONG);

        assertThat(call(plugin, "echo", "hello")).isEqualTo("hello");
        assertThat(Long.parseLong(call(plugin, "pid", "")))
                .isNotEqualTo(ProcessHandle.current().pid());
        assertThat(plugin.functions()).containsExactly("count", "echo");
        assertThat(plugin.abi()).isEqualTo("native-1");
        assertThat(plugin.isolation()).containsExactly("process");
        assertThat(plugin.unenforced()).containsExactly("confinement: a test");
        assertThat(plugin.maxConcurrency()).isEqualTo(1);
        assertThat(plugin.details().get("process")).endsWith("program c");
    }

    @ParameterizedTest
    @CsvSource({
        "segv, signal 11 in deaths.so (crash_now)",
        "abort, signal 6 in deaths.so",
        "stack, signal 11 in deaths.so",
        "double-free, signal 6 in deaths.so",
        "exit, 'the plugin called exit, status 0'",
        "_exit, exit status 0",
        "kill, signal 9",
        "close-all, worker",
        "garbage, it broke the protocol",
    })
    void deathInACall_isItsOwnFailure_andTheNextCallIsServed(String how, String reason) throws Exception {
        LoadedPlugin plugin = host.load(deaths, LONG);
        assertThat(call(plugin, "count", "")).isEqualTo("1");

        PluginException failure = failure(plugin, how);

        assertThat(failure.code()).isEqualTo(ErrorCode.PLUGIN_CRASHED);
        assertThat(failure).hasMessageContaining(reason);
        assertThat(call(plugin, "count", "")).as("a fresh process").isEqualTo("1");
        assertThat(host.reported).containsKey(PluginEvent.Kind.CRASHED);
    }

    @Test
    void callPastItsDeadline_endsItsProcess_andTheNextCallIsServed() throws Exception {
        LoadedPlugin plugin = host.load(deaths, SHORT);
        long pid = Long.parseLong(call(plugin, "pid", ""));

        PluginException failure = failure(plugin, "loop");

        assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT);
        assertThat(failure).hasMessageContaining("did not end within 300 ms");
        assertThat(callWhenItRuns(plugin, "count")).isEqualTo("1");
        assertThat(ProcessHandle.of(pid)).as("the late process").isEmpty();
    }

    @Test
    void callNearItsDeadline_isToldSo_andCanEnd() throws Exception {
        LoadedPlugin plugin = host.load(deaths, Duration.ofSeconds(2));

        assertThat(call(plugin, "until-cancelled", "")).isEqualTo("cancelled");
        assertThat(call(plugin, "echo", "on")).isEqualTo("on");
    }

    @Test
    void tooManyDeaths_putItOutOfService() throws Exception {
        host.close();
        host = new PlainHost(dir, 0, PlainHost.quick(3));
        LoadedPlugin plugin = host.load(deaths, LONG);
        for (int i = 0; i < 3; i++) {
            assertThat(failure(plugin, "segv").code()).isEqualTo(ErrorCode.PLUGIN_CRASHED);
        }

        PluginException failure = failure(plugin, "echo");

        assertThat(failure.code()).isEqualTo(ErrorCode.PLUGIN_FAILED);
        assertThat(failure)
                .hasMessageContaining("died 3 times within 600 s, last of signal 11 in deaths.so (crash_now)")
                .hasMessageContaining("bring it back with enable, or unload it");
        assertThat(plugin.failure())
                .hasValueSatisfying(reason -> assertThat(reason).contains("died 3 times"));
        assertThat(host.reported).containsKey(PluginEvent.Kind.FAILED);
    }

    @Test
    void pluginOfAGroupThatIsOutOfService_getsAnotherProcessWhenItIsLoadedAgain() throws Exception {
        host.close();
        host = new PlainHost(dir, 0, PlainHost.quick(1));
        LoadedPlugin before = host.load(deaths, PlainHost.grouped("one"), List.of(), LONG);
        assertThat(failure(before, "segv").code()).isEqualTo(ErrorCode.PLUGIN_CRASHED);
        assertThat(failure(before, "echo").code()).isEqualTo(ErrorCode.PLUGIN_FAILED);

        LoadedPlugin after = host.load(deaths, PlainHost.grouped("one"), List.of(), LONG);

        assertThat(call(after, "echo", "on")).isEqualTo("on");
        before.close();
        assertThat(call(after, "echo", "still on")).isEqualTo("still on");
    }

    @ParameterizedTest
    @CsvSource({"segv, PLUGIN_CRASHED", "exit, PLUGIN_CRASHED", "loop, TIMEOUT"})
    void initialisationThatDies_failsTheLoad(String how, ErrorCode code) throws Exception {
        Path library = CLibrary.compile(
                dir, "init", Files.readString(libraries.resolve("deaths.c")), "-DINIT=\"" + how + "\"");

        PluginException failure =
                catchThrowableOfType(PluginException.class, () -> host.load(library, Duration.ofSeconds(1)));

        assertThat(failure.code()).isEqualTo(code);
    }

    @ParameterizedTest
    @ValueSource(strings = {"segv", "loop"})
    void endThatDies_isBounded(String how) throws Exception {
        Path library = CLibrary.compile(
                dir, "end", Files.readString(libraries.resolve("deaths.c")), "-DSHUTDOWN=\"" + how + "\"");
        LoadedPlugin plugin = host.load(library, LONG);
        long pid = Long.parseLong(call(plugin, "pid", ""));

        plugin.close();

        assertThat(ProcessHandle.of(pid)).isEmpty();
    }

    @Test
    void pluginsOfAGroup_shareAProcess_andComeBackTogether() throws Exception {
        LoadedPlugin one = host.load(deaths, PlainHost.grouped("one"), List.of(), LONG);
        LoadedPlugin two = host.load(deaths, PlainHost.grouped("two"), List.of(), LONG);
        String pid = call(one, "pid", "");
        assertThat(call(two, "pid", "")).isEqualTo(pid);
        call(one, "count", "");
        assertThat(call(two, "count", "")).as("state of its own").isEqualTo("1");

        assertThat(failure(one, "segv").code()).isEqualTo(ErrorCode.PLUGIN_CRASHED);

        assertThat(call(two, "count", "")).isEqualTo("1");
        assertThat(call(one, "pid", "")).isEqualTo(call(two, "pid", "")).isNotEqualTo(pid);

        one.close();
        assertThat(call(two, "echo", "alone")).isEqualTo("alone");
        two.close();
        LoadedPlugin three = host.load(deaths, PlainHost.grouped("three"), List.of(), LONG);
        assertThat(call(three, "count", "")).isEqualTo("1");
    }

    @Test
    void pluginThatJoinsAGroupWhichIsDown_waitsForIt() throws Exception {
        LoadedPlugin one = host.load(deaths, PlainHost.grouped("one"), List.of(), LONG);
        failure(one, "segv");

        LoadedPlugin two = host.load(deaths, PlainHost.grouped("two"), List.of(), LONG);

        assertThat(call(two, "pid", "")).isEqualTo(call(one, "pid", ""));
    }

    @Test
    void pluginThatDiesInItsGroup_failsAlone_andTheGroupComesBack() throws Exception {
        Path library =
                CLibrary.compile(dir, "init", Files.readString(libraries.resolve("deaths.c")), "-DINIT=\"segv\"");
        LoadedPlugin one = host.load(deaths, PlainHost.grouped("one"), List.of(), LONG);
        // Of the same folder, so that it is of the same group.
        Path guest = Files.copy(library, libraries.resolve("guest.so"));

        PluginException failure = catchThrowableOfType(
                PluginException.class, () -> host.load(guest, PlainHost.grouped("guest"), List.of(), LONG));

        assertThat(failure.code()).isEqualTo(ErrorCode.PLUGIN_CRASHED);
        assertThat(call(one, "count", "")).isEqualTo("1");
    }

    @Test
    void concurrentPlugin_servesCallsAtOnce() throws Exception {
        LoadedPlugin plugin = host.load(concurrent(), Duration.ofSeconds(5));
        assertThat(plugin.maxConcurrency()).isEqualTo(8);

        List<String> answers = atOnce(4, () -> call(plugin, "until-cancelled", ""));

        // One after the other they would have found their time up before they began.
        assertThat(answers).hasSize(4);
    }

    @Test
    void concurrencyBeyondAWorkersThreads_isCutToThem() throws Exception {
        InvocationLimits limits = new InvocationLimits(LONG, 64 << 20, 1 << 20, 4096, 100);

        LoadedPlugin plugin = host.load(concurrent(), PlainHost.manifest(), List.of(), limits);

        assertThat(plugin.maxConcurrency()).isEqualTo(Frame.MAX_THREADS);
        assertThat(call(plugin, "echo", "hello")).isEqualTo("hello");
        assertThat(host.reported).isEmpty();
    }

    private Path concurrent() throws Exception {
        return CLibrary.compile(dir, "concurrent", Files.readString(libraries.resolve("deaths.c")), "-DCONCURRENT");
    }

    @Test
    void processKilledFromOutside_isReplaced() throws Exception {
        LoadedPlugin plugin = host.load(deaths, LONG);
        for (int i = 0; i < 5; i++) {
            long pid = Long.parseLong(call(plugin, "pid", ""));
            ProcessHandle.of(pid).orElseThrow().destroyForcibly();
            ProcessHandle.of(pid).ifPresent(process -> process.onExit().join());
            // The call may still reach the pipe of the dead process; what it sees then is the crash.
            assertThat(answerOrCrash(plugin)).isIn("1", "worker died: signal 9");
        }
    }

    @Test
    void manyCrashes_leaveNothing() throws Exception {
        LoadedPlugin plugin = host.load(deaths, LONG);
        failure(plugin, "segv");
        call(plugin, "echo", "warm");
        long before = PlainHost.openDescriptors();
        int threads = Thread.activeCount();

        for (int i = 0; i < 300; i++) {
            assertThat(failure(plugin, i % 2 == 0 ? "_exit" : "segv").code()).isEqualTo(ErrorCode.PLUGIN_CRASHED);
        }

        assertThat(call(plugin, "count", "")).isEqualTo("1");
        assertThat(PlainHost.openDescriptors()).isLessThanOrEqualTo(before + 6);
        assertThat(Thread.activeCount()).isLessThanOrEqualTo(threads + 20);
    }

    @Test
    void bigPayload_goesThrough() throws Exception {
        LoadedPlugin plugin = host.load(deaths, LONG);
        byte[] megabyte = new byte[1 << 20];
        megabyte[12345] = 7;

        assertThat(plugin.invoke(new Invocation("echo", megabyte, Caller.local("test"))))
                .isEqualTo(megabyte);
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> plugin.invoke(new Invocation("echo", new byte[(1 << 20) + 1], Caller.local("test"))))
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.TOO_LARGE);
    }

    private static String answerOrCrash(LoadedPlugin plugin) {
        try {
            return call(plugin, "count", "");
        } catch (PluginException e) {
            return e.getMessage().replaceFirst(".*: worker", "worker");
        }
    }

    private static String call(LoadedPlugin plugin, String function, String payload) {
        byte[] bytes = payload.getBytes(StandardCharsets.UTF_8);
        return new String(plugin.invoke(new Invocation(function, bytes, Caller.local("test"))), StandardCharsets.UTF_8);
    }

    /** A start can take longer than a short deadline: then the call is to be tried again. */
    private static String callWhenItRuns(LoadedPlugin plugin, String function) {
        while (true) {
            try {
                return call(plugin, function, "");
            } catch (PluginException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.UNAVAILABLE);
            }
        }
    }

    private static PluginException failure(LoadedPlugin plugin, String function) {
        return catchThrowableOfType(PluginException.class, () -> call(plugin, function, ""));
    }

    private static <T> List<T> atOnce(int count, Callable<T> work) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(count);
        try {
            List<T> results = new ArrayList<>();
            for (Future<T> future : threads.invokeAll(Collections.nCopies(count, work))) {
                results.add(future.get());
            }
            return results;
        } finally {
            threads.shutdown();
        }
    }
}
