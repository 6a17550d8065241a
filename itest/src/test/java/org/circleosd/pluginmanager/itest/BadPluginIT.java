package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A plugin misbehaves. Its call fails; everybody else goes on. */
@Timeout(180)
class BadPluginIT {

    private static final Duration DEADLINE = Duration.ofMillis(500);
    /** How late a deadline may be on a machine under load. */
    private static final Duration LATE = Duration.ofSeconds(10);

    @TempDir
    private static Path dir;

    private static Path quick;
    private static Survivor survivor;

    @BeforeAll
    static void start() throws IOException {
        survivor = Survivor.start(Files.createDirectory(dir.resolve("home")));
        quick = Files.writeString(
                dir.resolve("quick.json"),
                "{\"name\":\"quick\",\"plugin_type\":\"wasm\",\"limits\":{\"timeout_ms\":" + DEADLINE.toMillis()
                        + "}}");
        TestPlugins.waitingKit(dir, dir.resolve("home/config"));
        for (String name : List.of("faults", "command", "numbers")) {
            load(TestPlugins.sandbox(name + ".wasm"), null, name);
            load(TestPlugins.sandbox(name + ".wasm"), quick, "quick-" + name);
        }
        assertThat(survivor.client().ask(Client.load(dir.resolve("kit.so")))).contains("loaded");
        survivor.settle();
    }

    @AfterEach
    void assertUnhurt() throws IOException {
        survivor.assertUnhurt();
    }

    @AfterAll
    static void stop() throws IOException {
        survivor.close();
    }

    @ParameterizedTest
    @CsvSource({
        "faults,  unreachable, plugin_trap",
        "faults,  recurse,     plugin_trap",
        "numbers, deeper,      plugin_trap",
        "faults,  outside,     plugin_trap",
        "faults,  too_long,    plugin_trap",
        "command, abort,       plugin_trap",
        "command, fail,        plugin_error",
        "command, flood,       too_large",
        "kit,     refuse,      plugin_error"
    })
    void failingCall_isAnsweredAndTheNextCallWorks(String id, String function, String code) throws IOException {
        for (int i = 0; i < 20; i++) {
            JsonNode reply = survivor.client().askJson(call(id, function));
            assertThat(reply.path("code").textValue()).as(reply.toString()).isEqualTo(code);
        }
    }

    @ParameterizedTest
    @CsvSource({"quick-faults, loop", "quick-command, loop", "quick-command, sleep"})
    void callWithoutAnEnd_isStoppedAtItsDeadline(String id, String function) throws IOException {
        for (int i = 0; i < 3; i++) {
            assertTimesOut(call(id, function));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"start-loop.wasm", "initialize-loop.wasm"})
    void startWithoutAnEnd_isStoppedAtItsDeadline(String file) throws IOException {
        assertTimesOut(Client.load(TestPlugins.sandbox(file), quick, "start"));
    }

    /** It grows page by page until the host says no, or until its time is up, but never past its limit. */
    @Test
    void memoryThatGrowsWithoutEnd_endsAtTheLimit() throws IOException {
        for (int i = 0; i < 3; i++) {
            JsonNode reply = survivor.client().askJson(call("faults", "grow"));
            if (reply.get("ok").booleanValue()) {
                assertThat(Integer.parseInt(reply.at("/data/resp").textValue())).isBetween(2, 1024);
            } else {
                assertThat(reply.get("code").textValue()).isIn("timeout", "out_of_memory");
            }
        }
    }

    @Test
    void pluginThatIsBusy_doesNotHoldUpAnother() throws IOException {
        try (Client looping = survivor.daemon().connect()) {
            looping.send(call("quick-faults", "loop"));
            for (int i = 0; i < 20; i++) {
                assertThat(survivor.client().ask(Survivor.CANARY)).isEqualTo(Survivor.CANARY_REPLY);
            }
            assertThat(Client.json(looping.receive()).get("code").textValue()).isEqualTo("timeout");
        }
    }

    @Test
    void unloadDuringAnInvoke_waitsForTheCallAndRefusesNewOnes() throws Exception {
        Path fifo = fifo("unload");
        try (Client calling = survivor.daemon().connect();
                Client unloading = survivor.daemon().connect()) {
            load(dir.resolve("kit.so"), dir.resolve("kit.json"), "leaving");
            calling.send(Client.invoke("leaving", "wait", fifo.toString()));
            try (var inTheCall = Files.newOutputStream(fifo)) {
                unloading.send(Client.unload("leaving"));
                Poll.until(LATE, "it is draining", () -> survivor.client()
                        .ask(Daemon.LIST)
                        .contains("\"state\":\"draining\""));
                assertThat(survivor.client().ask(Client.invoke("leaving", "echo", "x")))
                        .contains("\"code\":\"plugin_not_found\"");
                assertThat(survivor.client().ask(Survivor.CANARY)).isEqualTo(Survivor.CANARY_REPLY);
                inTheCall.write('x');
            }
            assertThat(calling.receive()).contains("\"resp\":\"went on\"");
            assertThat(unloading.receive()).contains("\"message\":\"unloaded\"");
        }
    }

    @Test
    void clientThatVanishesDuringItsCall_leavesNothingBehind() throws Exception {
        Path fifo = fifo("vanish");
        for (int i = 0; i < 10; i++) {
            Client vanishing = survivor.daemon().connect();
            vanishing.send(Client.invoke("kit", "wait", fifo.toString()));
            try (var inTheCall = Files.newOutputStream(fifo)) {
                vanishing.close();
                assertThat(survivor.client().ask(Survivor.CANARY)).isEqualTo(Survivor.CANARY_REPLY);
                inTheCall.write('x');
            }
        }
    }

    private static void assertTimesOut(String request) throws IOException {
        long start = System.nanoTime();
        JsonNode reply = survivor.client().askJson(request);
        Duration took = Duration.ofNanos(System.nanoTime() - start);
        assertThat(reply.path("code").textValue()).as(reply.toString()).isEqualTo("timeout");
        assertThat(took).isBetween(DEADLINE.minusMillis(1), DEADLINE.plus(LATE));
    }

    private static Path fifo(String name) throws IOException {
        Path fifo = dir.resolve(name);
        assertThat(Commands.run(new ProcessBuilder("mkfifo", fifo.toString())).status())
                .isZero();
        return fifo;
    }

    private static String call(String id, String function) {
        return id.endsWith("numbers")
                ? "{\"action\":\"invoke\",\"id\":\"" + id + "\",\"func\":\"" + function + "\",\"payload\":[]}"
                : Client.invoke(id, function, "");
    }

    private static void load(Path file, @Nullable Path manifest, String as) throws IOException {
        assertThat(survivor.client().ask(Client.load(file, manifest, as)))
                .isEqualTo("{\"ok\":true,\"message\":\"loaded\",\"data\":{\"id\":\"" + as + "\"}}");
    }
}
