package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.circleosd.pluginmanager.itest.Replacements.Way;
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

/**
 * A part of the running daemon is replaced while clients call: no call fails, no answer is wrong, no connection is lost,
 * nothing is left behind. {@code bench/run redeploy} is the long form.
 */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ReplacePartsWhileClientsCallIT {

    private static final int CLIENTS = 4;
    private static final Map<String, String> EXCHANGES = exchanges();

    @TempDir
    private static Path dir;

    private static Daemon daemon;
    private static Replacements replacements;
    private static Leftovers leftovers;

    @BeforeAll
    static void start() throws IOException {
        Home home = Home.withExamples(dir).set("deploy", "poll.ms", "50");
        Files.writeString(
                home.config().resolve("grants.json"),
                "{\"policy_version\":1,\"rules\":[{\"match\":{\"name\":\"tally\"},\"grant\":{\"kv\":{}}}]}");
        Path tally = dir.resolve("tally.so");
        Commands.cc(Daemon.PROJECT.resolve("bench/native/tally.c"), tally, "-fPIC", "-shared");
        Files.writeString(
                dir.resolve("tally.json"),
                "{\"name\":\"tally\",\"plugin_type\":\"native\",\"capabilities\":{\"kv\":{}}}");
        daemon = home.start();
        assertThat(daemon.ask(Client.load(tally))).contains("loaded");
        replacements = new Replacements(daemon, Files.createDirectory(dir.resolve("jars")));
        // What a first use of the shell and of each plugin leaves is no leak.
        daemon.shell("felix:lb");
        for (Map.Entry<String, String> exchange : EXCHANGES.entrySet()) {
            assertThat(daemon.ask(exchange.getKey())).isEqualTo(exchange.getValue());
        }
        assertPluginsActive();
        leftovers = Leftovers.of(daemon);
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    private static Map<String, String> exchanges() {
        Map<String, String> exchanges = new LinkedHashMap<>();
        exchanges.put(Client.invoke("hello", "handle", "world"), resp("Hello, world!"));
        exchanges.put(Client.invoke("upper", "handle", "loud"), resp("LOUD"));
        exchanges.put(Client.invoke("hello-native", "handle", "world"), resp("Hello, world, from native code!"));
        return exchanges;
    }

    private static String resp(String text) {
        return "{\"ok\":true,\"message\":null,\"data\":{\"resp\":\"" + text + "\"}}";
    }

    @ParameterizedTest
    @Order(1)
    @ValueSource(
            strings = {
                "manifest",
                "trust",
                "state",
                "engine.chicory",
                "sandbox",
                "nativeloader",
                "host",
                "protocol",
                "shell",
                "deploy"
            })
    void replacementInAnyWay_failsNoCall(String room) throws Exception {
        try (Load load = Load.start(daemon, CLIENTS, EXCHANGES);
                Tally tally = Tally.start(daemon, room)) {
            for (Way way : Way.values()) {
                replacements.replace(room, way);
                load.awaitCalls(50);
                tally.awaitCounts(2);
            }
            load.assertNothingFailed();
            tally.assertNoneLost();
            System.out.println("replacement of " + room + ": " + load.summary());
        }
        assertPluginsActive();
    }

    @Test
    @Order(2)
    void replacements_leaveNothing() throws IOException {
        leftovers.assertNone();
    }

    /** The calls did not wait for those that nobody called: they come back in the background. */
    private static void assertPluginsActive() throws IOException {
        try (Client client = daemon.connect()) {
            Poll.until(Duration.ofSeconds(60), "all plugins are active", () -> isEachActive(client));
        }
    }

    private static boolean isEachActive(Client client) throws IOException {
        JsonNode plugins = client.askJson(Daemon.LIST).get("data");
        assertThat(plugins).hasSize(6);
        for (JsonNode plugin : plugins) {
            String state = plugin.get("state").textValue();
            assertThat(state).as(plugin.toString()).isNotEqualTo("failed");
            if (!state.equals("active")) {
                return false;
            }
        }
        return true;
    }
}
