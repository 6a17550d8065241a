package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.itest.NativePlugins.assertCode;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The process of a native plugin dies. Whoever waits is told why, and the plugin goes on in another process. */
@ParameterizedClass(name = "{0}")
@MethodSource("settings")
@Timeout(180)
class CrashingNativePluginIT {

    private static final List<String> KINDS =
            List.of("segv", "jump", "abort", "trap", "division", "bus", "stack", "double_free", "exit", "kill_self");
    /** {@code -Dcrashes=N} has more. */
    private static final int CRASHES = Integer.getInteger("crashes", 500);
    /** Starting a JVM takes its time. */
    private static final int CRASHES_OF_JVMS = Integer.getInteger("crashes", 40);

    private static final Map<String, String> NO_LIMIT = Map.of("crash.limit", "1000000", "restart.ms", "1");

    @TempDir
    private static Path dir;

    private static HostilePlugin plugin;
    private static Path library;
    private static Path slow;
    private static Path quick;
    private static int homes;

    @Parameter
    private NativeSetting setting;

    static List<NativeSetting> settings() {
        return NativeSetting.ofThisUser().toList();
    }

    @BeforeAll
    static void compile() throws IOException {
        Runner.open(dir);
        plugin = HostilePlugin.in(dir.resolve("compiled"));
        library = plugin.library();
        slow = manifest("slow", "\"limits\":{\"timeout_ms\":60000}");
        quick = manifest("quick", "\"limits\":{\"timeout_ms\":1000}");
    }

    @ParameterizedTest
    @CsvSource({
        "segv, signal 11",
        "abort, signal 6",
        "trap, signal 4",
        "division, signal 8",
        "bus, signal 7",
        "stack, signal 11",
        "double_free, signal 6",
        "kill_self, signal 9",
        "exit, status 0",
        "_exit, status 0"
    })
    void crash_isToldWithItsReasonAndMendedByTheNextCall(String kind, String reason) throws IOException {
        try (NativePlugins plugins = start(NO_LIMIT)) {
            plugins.load(library, slow, "crashing");
            long before = plugins.pid("crashing");
            String message = assertCode("plugin_crashed", plugins.invoke("crashing", kind, ""));
            assertThat(message).contains(reason);
            assertThat(plugins.pid("crashing")).isNotEqualTo(before);
            assertThat(plugins.listed("crashing").get("state").textValue()).isEqualTo("active");
            Workers.awaitEnd(before);
        }
    }

    @Test
    void killFromOutside_failsTheCallInFlightAndNoOther() throws IOException {
        try (NativePlugins plugins = start(NO_LIMIT);
                Client waiting = plugins.daemon().connect()) {
            plugins.load(library, slow, "killed");
            long worker = plugins.pid("killed");
            long before = computed(worker);
            waiting.send(Client.invoke("killed", "loop", ""));
            Poll.until(Duration.ofSeconds(20), "the call is in the worker", () -> computed(worker) > before + 20);
            kill("KILL", worker);
            assertThat(assertCode("plugin_crashed", Client.json(waiting.receive())))
                    .contains("signal 9");
            long next = plugins.pid("killed");
            assertThat(next).isNotEqualTo(worker);
            kill("KILL", next);
            Workers.awaitEnd(next);
            assertThat(plugins.pid("killed")).isNotEqualTo(next);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"loop", "pause"})
    void callPastItsDeadline_timesOutAndItsProcessIsKilled(String kind) throws IOException {
        try (NativePlugins plugins = start(NO_LIMIT)) {
            plugins.load(library, quick, "late");
            long worker = plugins.pid("late");
            assertCode("timeout", plugins.invoke("late", kind, ""));
            Workers.awaitEnd(worker);
            assertThat(plugins.pid("late")).isNotEqualTo(worker);
        }
    }

    @Test
    void stoppedProcess_isKilledWhenACallOrAnUnloadWaitsForIt() throws IOException {
        try (NativePlugins plugins = start(Map.of("shutdown.ms", "500"))) {
            plugins.load(library, quick, "stopped");
            long worker = plugins.pid("stopped");
            kill("STOP", worker);
            assertCode("timeout", plugins.invoke("stopped", "pid", ""));
            Workers.awaitEnd(worker);
            long next = plugins.pid("stopped");
            kill("STOP", next);
            plugins.unload("stopped");
            Workers.awaitEnd(next);
        }
    }

    @Test
    void fiveCrashesInAMinute_takeThePluginOutOfService() throws IOException {
        try (NativePlugins plugins = start(Map.of())) {
            plugins.load(library, slow, "failing");
            plugins.load(plugin.build("beside", "-g"), slow, "beside");
            for (int i = 0; i < 5; i++) {
                assertCode("plugin_crashed", plugins.invoke("failing", "abort", ""));
            }
            Poll.until(
                    Duration.ofSeconds(20),
                    "it is failed",
                    () -> plugins.listed("failing").get("state").textValue().equals("failed"));
            String message = assertCode("plugin_failed", plugins.invoke("failing", "pid", ""));
            assertThat(message).contains("unload", "load");
            assertThat(plugins.listed("failing").get("reason").textValue()).contains("5", "signal");
            plugins.pid("beside");
            plugins.unload("failing");
            plugins.load(library, slow, "failing");
            plugins.pid("failing");
        }
    }

    @Test
    void killOfTheDaemon_leavesNoWorker() throws IOException {
        Daemon daemon = startDaemon(Map.of("spares", "2"));
        try (Client client = daemon.connect()) {
            for (String id : List.of("idle", "looping", "deaf", "stopped")) {
                assertThat(client.ask(Client.load(library, slow, id))).contains("\"message\":\"loaded\"");
            }
            client.ask(Client.invoke("deaf", "ignore_signals", ""));
            client.ask(Client.invoke("deaf", "leave_a_thread", ""));
            kill(
                    "STOP",
                    Long.parseLong(Client.json(client.ask(Client.invoke("stopped", "pid", "")))
                            .at("/data/resp")
                            .textValue()));
            client.send(Client.invoke("looping", "loop", ""));
            Workers.await(daemon, 6);
            Set<Long> workers = Workers.of(daemon);
            daemon.kill();
            for (long worker : workers) {
                Workers.awaitEnd(worker);
            }
        }
        try (Daemon again = daemon.home().start();
                Client client = again.connect()) {
            assertThat(client.ask(Client.invoke("idle", "pid", ""))).contains("\"ok\":true");
            Workers.await(again, 6);
        }
        assertThat(daemon.home().state().resolve("run").resolve("native")).isEmptyDirectory();
    }

    @Test
    void endOfTheDaemon_leavesNoWorker() throws IOException {
        Set<Long> workers;
        try (NativePlugins plugins = start(Map.of("spares", "1"))) {
            plugins.load(library, slow, "one");
            plugins.answer("one", "ignore_signals", "");
            Workers.await(plugins.daemon(), 2);
            workers = Workers.of(plugins.daemon());
        }
        for (long worker : workers) {
            Workers.awaitEnd(worker);
        }
    }

    @Test
    void manyCrashes_failNoOtherCallAndLeaveNothing() throws IOException {
        int crashes = setting.worker().equals("c") ? CRASHES : CRASHES_OF_JVMS;
        try (NativePlugins plugins = start(NO_LIMIT)) {
            Bystanders bystanders = Bystanders.in(plugins.daemon(), plugin.build("canary", "-g"), slow);
            plugins.load(library, slow, "crashing");
            for (String kind : KINDS) {
                assertCode("plugin_crashed", plugins.invoke("crashing", kind, ""));
            }
            plugins.pid("crashing");
            bystanders.settle();
            long start = System.nanoTime();
            for (int i = 0; i < crashes; i++) {
                assertCode("plugin_crashed", plugins.invoke("crashing", KINDS.get(i % KINDS.size()), ""));
            }
            long millis = Duration.ofNanos(System.nanoTime() - start).toMillis();
            plugins.pid("crashing");
            bystanders.assertUnhurt();
            // Of the canary, of the plugin that crashes, and a spare.
            Workers.await(plugins.daemon(), 3);
            bystanders.assertNothingIsLeft();
            bystanders.close();
            System.out.println(setting + ": " + crashes + " crashes in " + millis + " ms; " + bystanders.summary());
        }
    }

    @Test
    void pluginsOfAGroup_shareAProcessAndItsFate() throws IOException {
        Path first = manifest("first", "\"group\":\"shared\"");
        Path second = manifest("second", "\"group\":\"shared\"");
        try (NativePlugins plugins = start(NO_LIMIT)) {
            plugins.load(library, first, "first");
            plugins.load(plugin.build("beside", "-g"), second, "second");
            long worker = plugins.pid("first");
            assertThat(plugins.pid("second")).isEqualTo(worker);
            // Both libraries have the same functions and a variable of the same name.
            assertThat(plugins.answer("first", "count", "")).isEqualTo("1");
            assertThat(plugins.answer("first", "count", "")).isEqualTo("2");
            assertThat(plugins.answer("second", "count", "")).isEqualTo("1");
            assertCode("plugin_crashed", plugins.invoke("first", "segv", ""));
            Workers.awaitEnd(worker);
            long next = plugins.pid("second");
            assertThat(next).isNotEqualTo(worker);
            assertThat(plugins.pid("first")).isEqualTo(next);
            assertThat(plugins.answer("second", "count", "")).isEqualTo("1");
            plugins.unload("first");
            assertThat(plugins.pid("second")).isEqualTo(next);
            plugins.unload("second");
            Workers.awaitEnd(next);
        }
    }

    @Test
    void spares_areReplacedWhenTheyAreTakenOrDie() throws IOException {
        try (NativePlugins plugins = start(Map.of("spares", "2"))) {
            // Again and again: from outside, a spare that is ready cannot be told from one that is being started.
            Poll.until(Duration.ofSeconds(60), "a plugin takes a spare", () -> {
                Set<Long> before = Workers.of(plugins.daemon());
                plugins.load(library, slow, "taken");
                boolean isTaken = before.contains(plugins.pid("taken"));
                if (!isTaken) {
                    plugins.unload("taken");
                }
                return isTaken;
            });
            Workers.await(plugins.daemon(), 3);
            for (long spare : Workers.of(plugins.daemon())) {
                if (spare != plugins.pid("taken")) {
                    kill("KILL", spare);
                    Workers.awaitEnd(spare);
                }
            }
            Workers.await(plugins.daemon(), 3);
            plugins.load(library, slow, "another");
        }
    }

    @Test
    void inProcess_needsTheManifestAndTheOperator() throws IOException {
        Path inside = manifest("inside", "\"isolation\":\"in-process\"");
        try (NativePlugins plugins = start(Map.of("isolation", "in-process"))) {
            plugins.load(library, inside, "inside");
            assertThat(plugins.pid("inside")).isEqualTo(plugins.daemon().pid());
            plugins.load(library, slow, "outside");
            assertThat(plugins.pid("outside")).isNotEqualTo(plugins.daemon().pid());
        }
        try (NativePlugins plugins = start(Map.of())) {
            plugins.load(library, inside, "inside");
            assertThat(plugins.pid("inside")).isNotEqualTo(plugins.daemon().pid());
        }
    }

    /** There is one user for the processes, and the first has it; only root can give any. */
    @Test
    void layerThatIsRequiredAndMissing_isNamed() throws IOException {
        Map<String, String> one = Map.of("users", "64321-64321", "spares", "0", "confinement", "required");
        try (NativePlugins plugins = start(one)) {
            plugins.load(library, slow, "first");
            if (setting.runner() == Runner.ORDINARY) {
                plugins.load(library, slow, "second");
                return;
            }
            JsonNode reply = plugins.client().askJson(Client.load(library, slow, "second"));
            assertThat(assertCode("capability_denied", reply)).contains("confinement = required", "uid: ");
            plugins.unload("first");
            plugins.load(library, slow, "second");
        }
    }

    private NativePlugins start(Map<String, String> settings) throws IOException {
        return NativePlugins.of(startDaemon(settings));
    }

    private Daemon startDaemon(Map<String, String> settings) throws IOException {
        return setting.start(dir.resolve("d" + homes++), settings);
    }

    /** Returns how long a process has computed in its own code, in hundredths of a second. */
    private static long computed(long pid) throws IOException {
        String stat = Files.readString(Path.of("/proc/" + pid + "/stat"));
        return Long.parseLong(stat.substring(stat.lastIndexOf(')') + 2).split(" ")[14 - 3]);
    }

    private static void kill(String signal, long pid) throws IOException {
        Commands.Result result = Commands.run(new ProcessBuilder("kill", "-" + signal, String.valueOf(pid)));
        assertThat(result.status()).as(result.text()).isZero();
    }

    private static Path manifest(String name, @Nullable String more) throws IOException {
        return Files.writeString(
                dir.resolve(name + ".json"), "{\"name\":\"" + name + "\",\"plugin_type\":\"native\"," + more + "}");
    }
}
