package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Plugins get other content while clients call, and the content before when that is no good. */
@Timeout(300)
class UpgradeIT {

    private static final int CLIENTS = 4;
    private static final int UPGRADES = 20;
    private static final int CALLS = 10_000;

    @TempDir
    private static Path dir;

    private static Daemon daemon;
    private static Editions wasm;
    private static Editions library;

    @BeforeAll
    static void start() throws IOException {
        wasm = Editions.ofWasm();
        library = Editions.ofNative(Files.createDirectory(dir.resolve("editions")));
        daemon = Home.in(Files.createDirectory(dir.resolve("home"))).start();
        try (Client client = daemon.connect()) {
            wasm.load(client);
            library.load(client);
        }
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    static Stream<Editions> editions() {
        return Stream.of(wasm, library);
    }

    @Test
    void upgradesUnderLoad_failNoCall() throws Exception {
        toFirst(wasm);
        toFirst(library);
        Callers callers = Callers.start();
        try (Client client = daemon.connect()) {
            for (int i = 0; i < UPGRADES; i++) {
                Editions plugin = i % 2 == 0 ? wasm : library;
                boolean toSecond = i / 2 % 2 == 0;
                assertThat(client.ask(plugin.upgrade(toSecond ? plugin.second() : plugin.first())))
                        .contains("\"message\":\"upgraded\"");
                // From the answer on, all calls go to the new content.
                assertThat(client.ask(plugin.call()))
                        .isEqualTo(Editions.reply(toSecond ? plugin.secondAnswer() : plugin.firstAnswer()));
                callers.awaitCalls(CALLS / UPGRADES);
            }
        } finally {
            callers.stop();
        }
        assertThat(callers.failures).isEmpty();
        assertThat(callers.calls.get()).isGreaterThanOrEqualTo(CALLS);
    }

    @Test
    void stormOfTwoClients_hasOneWinnerAtATime() throws Exception {
        toFirst(wasm);
        long before = lastEvent();
        int rounds = 20;
        CyclicBarrier together = new CyclicBarrier(2);
        ExecutorService threads = Executors.newFixedThreadPool(2);
        int won = 0;
        try {
            List<Future<Integer>> clients = new ArrayList<>();
            for (Path content : List.of(wasm.first(), wasm.second())) {
                clients.add(threads.submit(() -> upgradeAgainAndAgain(content, rounds, together)));
            }
            for (Future<Integer> client : clients) {
                won += client.get(120, TimeUnit.SECONDS);
            }
        } finally {
            threads.shutdownNow();
        }
        assertThat(won).isBetween(rounds, 2 * rounds);
        assertThat(eventsAfter(before)).filteredOn("upgraded"::equals).hasSize(won);
        assertThat(daemon.ask(wasm.call()))
                .isIn(Editions.reply(wasm.firstAnswer()), Editions.reply(wasm.secondAnswer()));
    }

    @ParameterizedTest
    @MethodSource("editions")
    void rollback_bringsTheContentBeforeBack(Editions plugin) throws IOException {
        toFirst(plugin);
        assertThat(daemon.ask(plugin.upgrade(plugin.second()))).contains("\"message\":\"upgraded\"");
        assertThat(daemon.ask(plugin.request("rollback"))).contains("\"message\":\"rolled back\"");
        assertThat(daemon.ask(plugin.call())).isEqualTo(Editions.reply(plugin.firstAnswer()));
        assertThat(daemon.ask(plugin.request("rollback"))).contains("\"message\":\"rolled back\"");
        assertThat(daemon.ask(plugin.call())).isEqualTo(Editions.reply(plugin.secondAnswer()));
    }

    @ParameterizedTest
    @MethodSource("editions")
    void failingSelftest_refusesTheUpgrade(Editions plugin) throws IOException {
        toFirst(plugin);
        Path manifest = manifest(
                plugin, "\"selftest\":{\"func\":\"handle\",\"payload\":\"world\",\"expect\":\"something else\"}");
        assertThat(daemon.ask(plugin.upgrade(plugin.second(), manifest)))
                .contains("\"code\":\"plugin_failed\"")
                .contains("the manifest's selftest 'handle' answered '" + plugin.secondAnswer()
                        + "'; expected 'something else'");
        assertThat(daemon.ask(plugin.call())).isEqualTo(Editions.reply(plugin.firstAnswer()));
    }

    @Test
    void errorBudgetThatIsUsedUp_bringsTheContentBeforeBack() throws IOException {
        toFirst(library);
        long before = lastEvent();
        Path manifest = manifest(library, "\"error_budget\":{\"errors\":1,\"calls\":100,\"seconds\":600}");
        assertThat(daemon.ask(library.upgrade(library.second(), manifest))).contains("\"message\":\"upgraded\"");
        for (int i = 0; i < 2; i++) {
            assertThat(daemon.ask(Client.invoke(library.id(), "abort", ""))).contains("\"code\":\"plugin_crashed\"");
        }
        Poll.until(Duration.ofSeconds(60), "the upgrade is undone", () -> eventsAfter(before)
                .contains("rolled_back"));
        assertThat(daemon.ask("{\"action\":\"events\",\"after\":" + before + "}"))
                .contains("2 of the first 2 calls after the upgrade failed, one with plugin_crashed");
        assertThat(daemon.ask(library.call())).isEqualTo(Editions.reply(library.firstAnswer()));
    }

    @Test
    void acknowledgedChange_isThereAfterKill() throws IOException {
        Home home = Home.in(Files.createDirectory(dir.resolve("killed")));
        try (Daemon killed = home.start()) {
            try (Client client = killed.connect()) {
                wasm.load(client);
            }
            assertThat(killed.ask(wasm.upgrade(wasm.second()))).contains("\"message\":\"upgraded\"");
            killed.kill();
        }
        try (Daemon killed = home.start()) {
            assertThat(killed.ask(wasm.call())).isEqualTo(Editions.reply(wasm.secondAnswer()));
            assertThat(killed.ask(wasm.request("rollback"))).contains("\"message\":\"rolled back\"");
            killed.kill();
        }
        try (Daemon killed = home.start()) {
            assertThat(killed.ask(wasm.call())).isEqualTo(Editions.reply(wasm.firstAnswer()));
            assertThat(killed.ask(wasm.request("disable"))).contains("\"message\":\"disabled\"");
            killed.kill();
        }
        try (Daemon killed = home.start()) {
            assertThat(killed.ask(wasm.call())).contains("\"code\":\"plugin_failed\"", "enable");
            assertThat(killed.ask(wasm.request("enable"))).contains("\"message\":\"enabled\"");
            assertThat(killed.ask(wasm.call())).isEqualTo(Editions.reply(wasm.firstAnswer()));
        }
    }

    private static void toFirst(Editions plugin) throws IOException {
        assertThat(daemon.ask(plugin.upgrade(plugin.first()))).contains("\"message\":\"upgraded\"");
    }

    private static Path manifest(Editions plugin, String more) throws IOException {
        boolean isNative = plugin == library;
        return Files.writeString(
                Files.createTempFile(dir, "manifest", ".json"),
                "{\"name\":\"other\",\"version\":\"2.1\",\"description\":\"\",\"plugin_type\":\""
                        + (isNative ? "native" : "wasm") + "\",\"entry\":\"" + (isNative ? "plugin_init" : "") + "\","
                        + more + "}");
    }

    private static int upgradeAgainAndAgain(Path content, int rounds, CyclicBarrier together) throws Exception {
        int won = 0;
        try (Client client = daemon.connect()) {
            for (int i = 0; i < rounds; i++) {
                together.await(60, TimeUnit.SECONDS);
                JsonNode reply = client.askJson(wasm.upgrade(content));
                if (reply.path("ok").booleanValue()) {
                    won++;
                } else {
                    assertThat(reply.path("code").textValue())
                            .as(reply.toString())
                            .isEqualTo("busy");
                }
            }
        }
        return won;
    }

    private static long lastEvent() throws IOException {
        JsonNode events = Client.json(daemon.ask("{\"action\":\"events\"}")).path("data");
        return events.path(events.size() - 1).path("seq").longValue();
    }

    /** Returns the kinds of the events with a larger number. */
    private static List<String> eventsAfter(long sequence) throws IOException {
        List<String> kinds = new ArrayList<>();
        JsonNode events = Client.json(daemon.ask("{\"action\":\"events\",\"after\":" + sequence + "}"))
                .path("data");
        events.forEach(event -> kinds.add(event.path("event").textValue()));
        return kinds;
    }

    /** Clients that call both plugins without a pause; each answer is that of one edition. */
    private static final class Callers {

        final Queue<String> failures = new ConcurrentLinkedQueue<>();
        final AtomicLong calls = new AtomicLong();
        private final CountDownLatch ended = new CountDownLatch(CLIENTS);
        private volatile boolean stopped;

        static Callers start() {
            Callers callers = new Callers();
            for (int i = 0; i < CLIENTS; i++) {
                new Thread(callers::run, "caller-" + i).start();
            }
            return callers;
        }

        private void run() {
            try (Client client = daemon.connect()) {
                for (int i = 0; !stopped && failures.isEmpty(); i++) {
                    Editions plugin = i % 4 == 0 ? library : wasm;
                    String reply = client.ask(plugin.call());
                    if (!reply.equals(Editions.reply(plugin.firstAnswer()))
                            && !reply.equals(Editions.reply(plugin.secondAnswer()))) {
                        failures.add(plugin.id() + " -> " + reply);
                    }
                    calls.incrementAndGet();
                }
            } catch (IOException e) {
                failures.add("connection lost: " + e);
            } finally {
                ended.countDown();
            }
        }

        /** Waits until there were so many calls more. */
        void awaitCalls(long more) throws IOException {
            long target = calls.get() + more;
            Poll.until(Duration.ofSeconds(60), "calls go on", () -> calls.get() >= target || !failures.isEmpty());
        }

        void stop() throws InterruptedException {
            stopped = true;
            assertThat(ended.await(60, TimeUnit.SECONDS)).isTrue();
        }
    }
}
