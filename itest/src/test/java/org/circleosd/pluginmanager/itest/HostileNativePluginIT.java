package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.itest.NativePlugins.assertCode;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvFileSource;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A native plugin attacks: the system, the daemon, its files, its other plugins. It is stopped, it alone has the damage,
 * and a wasm plugin and a native plugin beside it answer all the time. That each attack works where nothing stops it is
 * shown by {@link UnconfinedAttackIT}.
 */
@ParameterizedClass(name = "{0}")
@MethodSource("settings")
@Timeout(120)
class HostileNativePluginIT {

    /** How a system call is refused by a filter, by Landlock, or by the rights of the process. */
    private static final Pattern REFUSED = Pattern.compile("[A-Za-z].*: (EPERM|EACCES|ENOSYS)");

    private static final int MOST_MEMORY_MIB = 1024;
    private static final int MOST_THREADS = 1000;

    @TempDir
    private static Path dir;

    private static @Nullable HostilePlugin plugin;
    private static Path library;
    private static Path manifest;
    private static Path quick;
    private static HostileScene scene;
    private static NativePlugins plugins;

    @Parameter
    private NativeSetting setting;

    static List<NativeSetting> settings() {
        return NativeSetting.all().toList();
    }

    @BeforeParameterizedClassInvocation(injectArguments = true)
    static void start(NativeSetting setting) throws IOException {
        Runner.open(dir);
        if (plugin == null) {
            plugin = HostilePlugin.in(dir.resolve("compiled"));
            manifest = HostileScene.manifest(dir, "slow", "20000");
            quick = HostileScene.manifest(dir, "quick", HostileScene.DEADLINE_MILLIS);
        }
        library = plugin.library();
        scene = HostileScene.start(setting, dir, plugin, manifest);
        plugins = scene.plugins();
    }

    @AfterEach
    void assertUnhurt() throws IOException {
        scene.assertUnhurt();
    }

    @AfterParameterizedClassInvocation
    static void stop() throws IOException {
        scene.close();
    }

    @ParameterizedTest
    @CsvFileSource(resources = "/hostile/attacks.csv", delimiter = '|', numLinesToSkip = 4)
    void attack_isRefused(String attack, @Nullable String payload, String worksFor) throws IOException {
        FileTree before = FileTree.of(scene.home().dir());
        assertThat(plugins.answer("hostile", attack, Attack.payload(payload, scene.targets()))
                        .lines())
                .isNotEmpty()
                .allSatisfy(line -> assertThat(line).matches(REFUSED));
        assertThat(FileTree.of(scene.home().dir()).differences(before)).isEmpty();
    }

    @Test
    void layers_areListed() throws IOException {
        JsonNode listed = plugins.listed("hostile");
        assertThat(texts(listed.get("isolation")))
                .contains("process", "seccomp", "rlimits")
                .anySatisfy(layer -> assertThat(layer).matches("landlock:\\d+"));
        if (setting.runner() == Runner.ROOT) {
            assertThat(texts(listed.get("isolation"))).contains("uid", "netns");
        } else {
            assertThat(texts(listed.get("unenforced")))
                    .anySatisfy(layer -> assertThat(layer).startsWith("uid: "))
                    .anySatisfy(layer -> assertThat(layer).startsWith("netns: "));
        }
    }

    /** 600 children would outlive the worker. */
    @Test
    void forks_areRefusedFromTheFirstOn() throws IOException {
        assertThat(plugins.answer("hostile", "forks", "600")).matches(REFUSED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"take_private", "take_shared", "take_files", "take_heap", "take_tables"})
    void memory_isLimited(String attack) throws IOException {
        JsonNode reply = plugins.invoke("hostile", attack, "4096");
        if (reply.path("ok").booleanValue()) {
            String text = reply.at("/data/resp").textValue();
            assertThat(text).doesNotContain("DONE");
            assertThat(Integer.parseInt(text.substring(0, text.indexOf(" MiB"))))
                    .isLessThan(MOST_MEMORY_MIB);
        } else {
            assertThat(reply.get("code").textValue()).as(reply.toString()).isEqualTo("plugin_crashed");
        }
    }

    /** The system counts the threads of a user or of a control group; without either the daemon has to say so. */
    @Test
    void threads_areLimitedOrListedAsUnenforced() throws IOException {
        String text = plugins.answer("hostile", "threads", "3000");
        if (plugins.listed("hostile").path("unenforced").toString().contains("threads")) {
            assertThat(setting.runner()).isEqualTo(Runner.ORDINARY);
        } else {
            assertThat(text).endsWith("pthread_create: EAGAIN");
            assertThat(Integer.parseInt(text.substring(0, text.indexOf(" threads"))))
                    .isLessThan(MOST_THREADS);
        }
    }

    @Test
    void descriptors_areLimited() throws IOException {
        assertThat(plugins.answer("hostile", "descriptors", "3000")).endsWith("dup: EMFILE");
    }

    /** A JVM writes code itself; the C worker needs to allow it to nobody. */
    @Test
    void codeWrittenByThePlugin_runsOnlyWhereTheWorkerIsAJvm() throws IOException {
        String text = plugins.answer("hostile", "written_code", "");
        if (setting.worker().equals("c")) {
            assertThat(text).isEqualTo("mmap: EACCES\nmprotect: EACCES");
        } else {
            assertThat(text).isEqualTo("mmap: DONE\nmprotect: DONE");
        }
    }

    /** The numbers of system calls mean others there, so that a filter must not look at them. */
    @ParameterizedTest
    @ValueSource(strings = {"call_as_32_bit", "call_as_x32"})
    void callWithTheNumbersOfAnotherMachine_endsTheProcess(String attack) throws IOException {
        assertThat(assertCode("plugin_crashed", plugins.invoke("hostile", attack, "")))
                .contains("signal 31");
    }

    @Test
    void environmentAndDescriptors_areThoseThatAWorkerNeeds() throws IOException {
        assertThat(plugins.answer("hostile", "environment", ""))
                .doesNotContain("PLUGIN_MANAGER", "HOME=", "PATH=/", "USER=");
        List<String> open =
                plugins.answer("hostile", "open_descriptors", "").lines().toList();
        assertThat(open).isNotEmpty().allSatisfy(line -> assertThat(line)
                .matches("(pipe|device) to write|(pipe|device|file|other) to read"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"manager", "worker"})
    void signalThatTheKernelSendsForAPipe_isRefused(String target) throws IOException {
        assertThat(plugins.answer("hostile", "signal_by_pipe", scene.targets().get(target)))
                .matches(REFUSED);
    }

    @ParameterizedTest
    @ValueSource(strings = {"flood_output", "flood_errors", "flood_log"})
    void gigabyteOfOutput_isNotKept(String attack) throws IOException {
        JsonNode reply = plugins.invoke("hostile", attack, "1024");
        if (!reply.path("ok").booleanValue()) {
            assertThat(reply.get("code").textValue()).as(reply.toString()).isIn("timeout", "plugin_crashed");
        }
        assertThat(Files.size(scene.home().log())).isLessThan(HostileScene.MOST_LOG_BYTES);
    }

    @Test
    void hugeValues_areRefused() throws IOException {
        JsonNode reply = plugins.invoke("hostile", "values", "64");
        if (reply.path("ok").booleanValue()) {
            assertThat(reply.at("/data/resp").textValue()).doesNotContain("put: 0", "key: 0");
        }
        assertThat(plugins.answer("hostile", "huge_log", "64")).isEqualTo("logged");
    }

    /** Whatever the worker says, the daemon reads it with care: at worst it ends the worker. */
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            close_all       |
            garbage         | 1
            garbage         | 32
            frame_head      | 0xffffffff,105
            frame_head      | 0x7fffffff,105
            frame_head      | 0x80000000,110
            frame_head      | 0x40000000,112
            frame_head      | 0,105
            frame_head      | 0,0
            frame_head      | 0,1
            frame_head      | 0,101
            frame_head      | 0,102
            frame_head      | 0,103
            frame_head      | 0,104
            frame_head      | 0,106
            frame_head      | 0,107
            frame_head      | 0,110
            frame_head      | 0,111
            frame_head      | 0,112
            frame_head      | 0,0xffffffff
            forged_results  |
            read_requests   |
            """)
    void brokenProtocol_isAnsweredOrEndsTheWorker(String attack, @Nullable String payload) throws IOException {
        plugins.load(library, quick, "broken");
        JsonNode reply = plugins.invoke("broken", attack, Attack.payload(payload, scene.targets()));
        if (!reply.path("ok").booleanValue()) {
            assertThat(reply.get("code").textValue()).as(reply.toString()).isIn("plugin_crashed", "timeout");
        }
        // The worker may die of it only after its reply, and take one more call with it.
        if (!plugins.invoke("broken", "pid", "").path("ok").booleanValue()) {
            plugins.pid("broken");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"segv", "abort", "stack", "double_free", "exit", "_exit", "kill_self"})
    void crashInACall_isOnlyThePluginsOwn(String kind) throws IOException {
        assertCode("plugin_crashed", plugins.invoke("hostile", kind, ""));
        plugins.pid("hostile");
    }

    @ParameterizedTest
    @ValueSource(strings = {"loop", "pause", "end_thread", "busy_threads"})
    void callThatDoesNotReturn_isEndedAtItsDeadline(String kind) throws IOException {
        plugins.load(library, quick, "quick");
        JsonNode reply = plugins.invoke("quick", kind, "100");
        assertThat(reply.path("code").textValue()).as(reply.toString()).isIn("timeout", "plugin_crashed");
        plugins.pid("quick");
    }

    static Stream<Arguments> deadlyStarts() {
        return Stream.of("segv", "abort", "stack", "double_free", "exit", "_exit", "loop", "pause")
                .flatMap(kind -> Stream.of(HostilePlugin.Place.CONSTRUCTOR, HostilePlugin.Place.INIT)
                        .map(place -> Arguments.of(place, kind)));
    }

    @ParameterizedTest
    @MethodSource("deadlyStarts")
    void pluginThatDiesWhenItIsLoaded_isNotLoaded(HostilePlugin.Place place, String kind) throws IOException {
        JsonNode reply = plugins.client().askJson(Client.load(plugin.deadly(place, kind), quick, "deadly"));
        assertCode(kind.equals("loop") || kind.equals("pause") ? "timeout" : "plugin_crashed", reply);
        assertThat(plugins.client().ask(Daemon.LIST)).doesNotContain("\"deadly\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"segv", "abort", "stack", "double_free", "exit", "_exit", "loop", "stop_self"})
    void pluginThatDiesWhenItIsUnloaded_isGone(String kind) throws IOException {
        plugins.load(plugin.deadly(HostilePlugin.Place.SHUTDOWN, kind), quick, "deadly");
        long worker = plugins.pid("deadly");
        plugins.unload("deadly");
        Workers.awaitEnd(worker);
    }

    @ParameterizedTest
    @ValueSource(strings = {"leave_a_thread", "ignore_signals"})
    void pluginThatWantsToStay_isGoneAfterItsUnload(String attack) throws IOException {
        plugins.load(library, quick, "staying");
        long worker = plugins.pid("staying");
        plugins.answer("staying", attack, "");
        plugins.unload("staying");
        Workers.awaitEnd(worker);
    }

    @Test
    void crashBetweenCalls_isMendedByTheNextCall() throws IOException {
        plugins.load(library, quick, "later");
        long worker = plugins.pid("later");
        assertThat(plugins.answer("later", "crash_later", "")).isEqualTo("soon");
        Workers.awaitEnd(worker);
        plugins.pid("later");
    }

    /** What is mapped is a copy of the daemon's own. */
    @Test
    void fileThatChangesWhileItIsLoaded_changesNothing() throws IOException {
        Path own = Files.copy(library, dir.resolve(setting + "-changing.so"));
        plugins.load(own, manifest, "changing");
        Files.write(own, new byte[0]);
        plugins.pid("changing");
        Files.writeString(own, "This is another file now.");
        plugins.pid("changing");
        Files.delete(own);
        plugins.pid("changing");
    }

    @Test
    void libraryThatIsLoadedTwice_hasAStateForEach() throws IOException {
        plugins.load(library, manifest, "first");
        plugins.load(library, manifest, "second");
        assertThat(plugins.answer("first", "count", "")).isEqualTo("1");
        assertThat(plugins.answer("first", "count", "")).isEqualTo("2");
        assertThat(plugins.answer("second", "count", "")).isEqualTo("1");
        assertThat(plugins.pid("first")).isNotEqualTo(plugins.pid("second"));
    }

    @Test
    void dependencyThatIsMissing_isNamed() throws IOException {
        Path folder = Files.createDirectories(dir.resolve("dependency"));
        Path absent = folder.resolve("libabsent.so");
        Commands.cc(Files.writeString(folder.resolve("absent.c"), "int absent;"), absent, "-fPIC", "-shared");
        Path needy = plugin.build("needy", "-Wl,--no-as-needed", absent.toString());
        Files.delete(absent);
        JsonNode reply = plugins.client().askJson(Client.load(needy, manifest, "needy"));
        assertThat(assertCode("plugin_invalid", reply)).contains("libabsent.so");
    }

    @Test
    void libraryForAnotherMachine_isRefusedByItsHeader() throws IOException {
        byte[] bytes = Files.readAllBytes(library);
        bytes[18] = (byte) (bytes[18] == 62 ? 183 : 62);
        Path foreign = Files.write(dir.resolve("foreign.so"), bytes);
        JsonNode reply = plugins.client().askJson(Client.load(foreign, manifest, "foreign"));
        assertThat(assertCode("incompatible", reply)).contains("aarch64", "x86-64");
    }

    private static List<String> texts(JsonNode array) {
        List<String> texts = new ArrayList<>();
        array.forEach(text -> texts.add(text.textValue()));
        return texts;
    }
}
