package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A wasm plugin takes all it can get, or is damaged. The daemon stops it or refuses it, and serves the others. */
@Timeout(300)
class HostileModuleIT {

    private static final int LOOPERS = 64;
    private static final int ROUNDS = 5;
    private static final int IDLE_CALLS = 500;
    /** Workers stay for half a minute after the loopers. */
    private static final int WORKERS = 2 * LOOPERS;
    /** The heap of 512 MiB, and as much again for code, stacks and the JVM. */
    private static final long MOST_MEMORY_KIB = 1 << 20;

    @TempDir
    private static Path dir;

    private static Path files;
    private static Survivor survivor;

    @BeforeAll
    static void start() throws IOException {
        Home home = Home.in(Files.createDirectory(dir.resolve("home")));
        files = Files.createDirectory(dir.resolve("files"));
        survivor = Survivor.start(home);
        Path quick = Files.writeString(
                files.resolve("quick.json"),
                "{\"name\":\"quick\",\"plugin_type\":\"wasm\",\"limits\":{\"timeout_ms\":500}}");
        Path file = Daemon.PROJECT.resolve("itest/src/test/plugins/hostile.wasm");
        assertThat(survivor.client().ask(Client.load(file, quick, "hostile"))).contains("\"message\":\"loaded\"");
        survivor.settle();
    }

    @AfterEach
    void assertUnhurt() throws IOException {
        survivor.assertUnhurt(WORKERS);
        assertThat(peakMemory()).isLessThan(MOST_MEMORY_KIB);
    }

    @AfterAll
    static void stop() throws IOException {
        survivor.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"loop", "fill", "copy", "clock_flood", "random_flood", "log_flood", "sleep", "sleep_again"})
    void callWithoutAnEnd_isStoppedAtItsDeadline(String function) throws IOException {
        assertThat(codeOf(function)).isEqualTo("timeout");
    }

    @ParameterizedTest
    @ValueSource(strings = {"grow_memory", "grow_table_for_ever"})
    void growthWithoutAnEnd_isStopped(String function) throws IOException {
        assertThat(codeOf(function)).isIn("timeout", "out_of_memory");
    }

    @Test
    void tableThatGrows_endsAtTheLimit() throws IOException {
        assertThat(codeOf("grow_table")).isIn("", "out_of_memory", "limit_exceeded");
    }

    @Test
    void recursionWithoutAnEnd_traps() throws IOException {
        assertThat(codeOf("recurse")).isEqualTo("plugin_trap");
    }

    @Test
    void lengthsBeyondTheMemory_areRefusedByTheHostFunctions() throws IOException {
        assertThat(codeOf("random_huge")).isEmpty();
    }

    /** Prints how long the other plugin's calls take, alone and beside the loops. */
    @Test
    void manyCallsWithoutAnEnd_leaveRoomForAnotherPlugin() throws Exception {
        long[] idle = new long[IDLE_CALLS];
        for (int i = 0; i < idle.length; i++) {
            idle[i] = callCanary();
        }
        List<Client> clients = new ArrayList<>();
        try {
            for (int i = 0; i < LOOPERS; i++) {
                clients.add(survivor.daemon().connect());
            }
            CompletableFuture<Void> loops = CompletableFuture.runAsync(() -> loop(clients));
            List<Long> beside = new ArrayList<>();
            while (!loops.isDone()) {
                beside.add(callCanary());
            }
            loops.get(1, TimeUnit.MINUTES);
            System.out.println("canary, p50/p99/max: alone " + figures(idle) + ", beside " + LOOPERS + " loops "
                    + figures(beside.stream().mapToLong(Long::longValue).toArray()) + ", " + beside.size()
                    + " calls; peak memory " + peakMemory() / 1024 + " MiB");
        } catch (ExecutionException | TimeoutException e) {
            throw new AssertionError("the loops did not all time out", e);
        } finally {
            for (Client client : clients) {
                client.close();
            }
        }
    }

    @Test
    void damagedExamples_areRefusedOrLoad() throws IOException {
        byte[] whole = Files.readAllBytes(TestPlugins.example("hello.wasm"));
        Random random = new Random(1);
        for (int i = 0; i < 150; i++) {
            byte[] damaged = whole.clone();
            damaged[random.nextInt(damaged.length)] ^= (byte) (1 << random.nextInt(8));
            Path file = Files.write(files.resolve("damaged.wasm"), damaged);
            JsonNode reply = survivor.client().askJson(Client.load(file, files.resolve("quick.json"), "damaged"));
            if (reply.get("ok").booleanValue()) {
                assertThat(survivor.client().ask(Client.unload("damaged"))).contains("\"ok\":true");
            } else {
                assertThat(reply.get("code").textValue())
                        .as("%d: %s", i, reply)
                        .isIn("plugin_invalid", "limit_exceeded", "incompatible", "plugin_trap", "out_of_memory");
            }
        }
    }

    private static void loop(List<Client> clients) {
        try {
            for (int i = 0; i < ROUNDS; i++) {
                for (Client client : clients) {
                    client.send(Client.invoke("hostile", "loop", ""));
                }
                for (Client client : clients) {
                    JsonNode reply = Client.json(client.receive());
                    assertThat(reply.path("code").textValue())
                            .as(reply.toString())
                            .isEqualTo("timeout");
                }
            }
        } catch (IOException e) {
            throw new AssertionError("a looping client lost its connection", e);
        }
    }

    /** Returns the time it took, in microseconds. */
    private static long callCanary() throws IOException {
        long start = System.nanoTime();
        assertThat(survivor.client().ask(Survivor.CANARY)).isEqualTo(Survivor.CANARY_REPLY);
        return TimeUnit.NANOSECONDS.toMicros(System.nanoTime() - start);
    }

    private static String figures(long[] micros) {
        long[] sorted = micros.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2] + "/" + sorted[sorted.length * 99 / 100] + "/" + sorted[sorted.length - 1]
                + " us";
    }

    /** Returns the code of the reply, or the empty text if there is none. */
    private static String codeOf(String function) throws IOException {
        return survivor.client()
                .askJson(Client.invoke("hostile", function, ""))
                .path("code")
                .asText("");
    }

    private static long peakMemory() throws IOException {
        return Files.readAllLines(Path.of("/proc/" + survivor.daemon().pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                .findFirst()
                .orElseThrow();
    }
}
