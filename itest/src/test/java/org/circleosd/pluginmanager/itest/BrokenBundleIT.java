package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Broken versions of the daemon's own parts are dropped while clients call: the parts before run on, no call fails. */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class BrokenBundleIT {

    private static final Duration BOUND = Duration.ofSeconds(60);

    private static final Map<String, String> EXCHANGES = exchanges();

    @TempDir
    private static Path dir;

    private static Home home;
    private static Daemon daemon;

    @BeforeAll
    static void start() throws IOException {
        home = Home.withExamples(dir);
        daemon = home.start();
        // Before a jar is kept, there is nothing to go back to.
        Poll.until(BOUND, "the jars are kept", () -> {
            try (var kept = Files.list(home.state().resolve("bundles"))) {
                return kept.filter(file -> file.toString().endsWith(".jar")).count() == 11;
            }
        });
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    private static Map<String, String> exchanges() {
        Map<String, String> exchanges = new LinkedHashMap<>();
        exchanges.put(Client.invoke("hello", "handle", "world"), resp("Hello, world!"));
        exchanges.put(Client.invoke("hello-native", "handle", "world"), resp("Hello, world, from native code!"));
        return exchanges;
    }

    private static String resp(String text) {
        return "{\"ok\":true,\"message\":null,\"data\":{\"resp\":\"" + text + "\"}}";
    }

    @ParameterizedTest
    @ValueSource(strings = {"protocol", "host", "sandbox"})
    @Order(1)
    void brokenVersions_areUndone_andNoCallFails(String room) throws Exception {
        RoomJar jar = new RoomJar(home, room);
        byte[] good = jar.good();
        Map<String, byte[]> broken = new LinkedHashMap<>();
        broken.put("missing requirement", jar.unresolvable());
        broken.put("no.such.Class", jar.withBrokenActivator());
        broken.put("cannot be made", jar.withoutComponentClasses());
        broken.put("nobody offers no.such.Service", jar.withUnsatisfiedComponents());
        broken.put("cannot be read as a jar: zip END header not found", Arrays.copyOf(good, good.length / 2));
        broken.put("cannot be read as a jar", "no zip".getBytes(StandardCharsets.UTF_8));
        try (Load load = Load.start(daemon, 4, EXCHANGES)) {
            for (Map.Entry<String, byte[]> version : broken.entrySet()) {
                long before = count("rolled back bundle " + jar.symbolicName());
                jar.drop(version.getValue());
                Poll.until(
                        BOUND,
                        room + " is put back: " + version.getKey(),
                        () -> count("rolled back bundle " + jar.symbolicName()) > before);
                load.awaitCalls(20);
                assertThat(lastLine("rolled back bundle " + jar.symbolicName()))
                        .contains(version.getKey(), " 0.1.0 of ", " runs,");
                assertThat(lastEvent(jar).get("event").textValue()).isEqualTo("rolled_back");
                assertThat(lastEvent(jar).get("reason").textValue()).contains(version.getKey());
            }
            load.assertNothingFailed();
            System.out.println("6 broken versions of " + room + ": " + load.summary());
        }
        assertThat(jar.file()).as("what was dropped stays").hasContent("no zip");
    }

    @Test
    @Order(2)
    void brokenVersionByShell_isUndoneToo() throws Exception {
        RoomJar jar = new RoomJar(home, "manifest");
        long before = count("rolled back bundle " + jar.symbolicName());
        Path file = Files.write(dir.resolve("by-hand.jar"), jar.withBrokenActivator());
        Commands.Result update = daemon.shell("felix:update " + jar.symbolicName() + " " + file.toUri());
        assertThat(update.status()).as(update.text()).isEqualTo(1);
        Poll.until(
                BOUND,
                "the manifest bundle is put back",
                () -> count("rolled back bundle " + jar.symbolicName()) > before);
        assertThat(daemon.shell("plugin:events").out()).contains("rolled_back", "bundle " + jar.symbolicName());
    }

    /** The one that does it for the others; the launcher does it for this one. */
    @Test
    @Order(3)
    void brokenVersionOfTheWatcherItself_isUndone_andItWatchesOn() throws Exception {
        RoomJar jar = new RoomJar(home, "deploy");
        jar.drop(jar.withoutComponentClasses());
        Poll.until(BOUND, "deploy is put back", () -> count("rolled back bundle " + jar.symbolicName()) == 1);
        Poll.until(BOUND, "there is an event", () -> daemon.ask("{\"action\":\"events\"}")
                .contains("\"event\":\"rolled_back\",\"bundle\":\"" + jar.symbolicName()));
        RoomJar trust = new RoomJar(home, "trust");
        trust.drop(trust.marked("good"));
        Poll.until(BOUND, "the folder is watched", () -> count("updated bundle " + trust.symbolicName()) == 1);
    }

    @Test
    @Order(4)
    void afterARestart_whatRanBeforeRuns_andRepairedJarsAreTaken() throws Exception {
        assertThat(daemon.terminate()).isZero();
        daemon = home.start();
        assertAllAnswer();
        RoomJar host = new RoomJar(home, "host");
        host.drop(host.marked("repaired"));
        Poll.until(BOUND, "the repaired host runs", () -> count("updated bundle " + host.symbolicName()) > 0);
        assertAllAnswer();
        assertThat(lastEvent(host).get("event").textValue()).isEqualTo("upgraded");
    }

    @Test
    @Order(5)
    void killInTheMiddleOfATry_startsWhatRanBefore_thenTriesOnceMore() throws Exception {
        RoomJar jar = new RoomJar(home, "state");
        jar.drop(jar.withUnsatisfiedComponents());
        Path record = home.state().resolve("bundles/record");
        Poll.until(BOUND, "the try has begun", () -> Files.readString(record).contains("=tried " + jar.symbolicName()));
        daemon.kill();
        daemon = home.start();
        assertAllAnswer();
        Poll.until(BOUND, "the second try is undone", () -> count("rolled back bundle " + jar.symbolicName()) == 1);
        assertAllAnswer();
    }

    private static void assertAllAnswer() throws IOException {
        try (Client client = daemon.connect()) {
            for (Map.Entry<String, String> exchange : EXCHANGES.entrySet()) {
                assertThat(client.ask(exchange.getKey())).isEqualTo(exchange.getValue());
            }
        }
    }

    private static JsonNode lastEvent(RoomJar jar) throws IOException {
        JsonNode last = null;
        try (Client client = daemon.connect()) {
            for (JsonNode event : client.askJson("{\"action\":\"events\"}").get("data")) {
                if (event.path("bundle").asText().equals(jar.symbolicName())) {
                    last = event;
                }
            }
        }
        assertThat(last).as("an event of %s", jar.symbolicName()).isNotNull();
        return last;
    }

    private static long count(String text) throws IOException {
        return home.logText().lines().filter(line -> line.contains(text)).count();
    }

    private static String lastLine(String text) throws IOException {
        return home.logText()
                .lines()
                .filter(line -> line.contains(text))
                .reduce((first, second) -> second)
                .orElse("");
    }
}
