package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
        exchanges.put(Client.invoke("upper", "any", "loud"), resp("LOUD"));
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
            for (int i = 0; i < 3; i++) {
                Commands.Result update = daemon.shell("felix:update org.circleosd.pluginmanager." + room + " "
                        + jar(room).toUri());
                assertThat(update.err() + update.out()).as("update of %s", room).doesNotContain("xception");
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
                long before = lastModified(room);
                Path changed = Files.createTempFile(dir, "changed", ".tmp");
                markedCopy(jar, changed, "drop " + System.nanoTime());
                Files.move(changed, jar, StandardCopyOption.ATOMIC_MOVE);
                awaitUpdate(room, before);
                load.awaitCalls(100);
            }
            load.assertNothingFailed();
            System.out.println("drop of a jar of " + room + ": " + load.summary());
        }
        assertPluginsActive();
    }

    private static void assertPluginsActive() throws IOException {
        try (Client client = daemon.connect()) {
            for (JsonNode plugin : client.askJson("{\"action\":\"list\"}").get("data")) {
                assertThat(plugin.get("state").textValue())
                        .as(plugin.toString())
                        .isEqualTo("active");
            }
        }
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

    /** When the framework last changed the bundle, in milliseconds. */
    private static long lastModified(String room) throws IOException {
        Commands.Result result = daemon.shell("(bundle org.circleosd.pluginmanager." + room + ") lastmodified");
        assertThat(result.status()).as(result.out() + result.err()).isZero();
        return Long.parseLong(result.out().strip());
    }

    private static void awaitUpdate(String room, long before) throws IOException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        while (lastModified(room) == before) {
            assertThat(System.nanoTime()).as("%s was updated", room).isLessThan(end);
        }
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
                    copyEntry(in, copy);
                }
            }
        }
    }

    private static void copyEntry(InputStream in, OutputStream out) throws IOException {
        in.transferTo(out);
    }
}
