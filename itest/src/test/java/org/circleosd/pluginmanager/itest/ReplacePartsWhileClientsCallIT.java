package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A part of the running daemon is replaced while clients call: no call fails, no connection is lost. */
@Timeout(300)
class ReplacePartsWhileClientsCallIT {

    private static final int CLIENTS = 4;
    private static final Map<String, String> EXCHANGES = exchanges();

    @TempDir
    private static Path dir;

    private static Daemon daemon;

    @BeforeAll
    static void start() throws IOException {
        daemon = Home.withExamples(dir).start();
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
    void updateByShell_failsNoCall(String room) throws Exception {
        try (Load load = Load.start(daemon, CLIENTS, EXCHANGES)) {
            for (int i = 0; i < 2; i++) {
                Commands.Result update = daemon.shell("felix:update org.circleosd.pluginmanager." + room + " "
                        + jar(room).toUri());
                assertThat(update.status())
                        .as("update of %s: %s", room, update.text())
                        .isZero();
                assertThat(update.err() + update.out()).as("update of %s", room).isEmpty();
                load.awaitCalls(100);
            }
            load.assertNothingFailed();
            System.out.println("update of " + room + " by shell: " + load.summary());
        }
        assertPluginsActive();
    }

    @ParameterizedTest
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
    void jarDrop_failsNoCall(String room) throws Exception {
        Path jar = jar(room);
        try (Load load = Load.start(daemon, CLIENTS, EXCHANGES)) {
            for (int i = 0; i < 2; i++) {
                long before = updates(room);
                Path changed = Files.createTempFile(dir, "changed", ".tmp");
                markedCopy(jar, changed, "drop " + System.nanoTime());
                Files.move(changed, jar, StandardCopyOption.ATOMIC_MOVE);
                Poll.until(Duration.ofSeconds(60), room + " is updated", () -> updates(room) > before);
                load.awaitCalls(100);
            }
            load.assertNothingFailed();
            System.out.println("drop of a jar of " + room + ": " + load.summary());
        }
        assertPluginsActive();
    }

    /** The calls did not wait for those that nobody called: they come back in the background. */
    private static void assertPluginsActive() throws IOException {
        try (Client client = daemon.connect()) {
            Poll.until(Duration.ofSeconds(60), "all plugins are active", () -> isEachActive(client));
        }
    }

    private static boolean isEachActive(Client client) throws IOException {
        JsonNode plugins = client.askJson(Daemon.LIST).get("data");
        assertThat(plugins).hasSize(5);
        for (JsonNode plugin : plugins) {
            String state = plugin.get("state").textValue();
            assertThat(state).as(plugin.toString()).isNotEqualTo("failed");
            if (!state.equals("active")) {
                return false;
            }
        }
        return true;
    }

    private static Path jar(String room) throws IOException {
        String name = "org.circleosd.pluginmanager." + room;
        try (Stream<Path> jars = Files.list(daemon.home().bundles())) {
            return jars.filter(jar -> jar.toString().endsWith(".jar"))
                    .filter(jar -> symbolicName(jar).equals(name))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private static String symbolicName(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.getManifest().getMainAttributes().getValue("Bundle-SymbolicName");
        } catch (IOException e) {
            throw new AssertionError(jar.toString(), e);
        }
    }

    /** How often a jar of the folder has become this bundle; the log is where an operator sees it. */
    private static long updates(String room) throws IOException {
        return daemon.home()
                .logText()
                .lines()
                .filter(line -> line.contains("updated bundle org.circleosd.pluginmanager." + room + " "))
                .count();
    }

    /** Copies a jar with another manifest header, so that version and name stay and the bytes differ. */
    private static void markedCopy(Path jar, Path to, String mark) throws IOException {
        try (JarInputStream in = new JarInputStream(Files.newInputStream(jar));
                OutputStream out = Files.newOutputStream(to)) {
            Manifest manifest = in.getManifest();
            manifest.getMainAttributes().putValue("X-Mark", mark);
            try (JarOutputStream copy = new JarOutputStream(out, manifest)) {
                for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                    copy.putNextEntry(new ZipEntry(entry.getName()));
                    in.transferTo(copy);
                }
            }
        }
    }
}
