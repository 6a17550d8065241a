package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The plugins move to another engine and back while clients call: no call fails, no connection is lost. */
@Timeout(300)
class ReplaceEngineWhileClientsCallIT {

    private static final int CLIENTS = 4;
    private static final Map<String, String> EXCHANGES = Map.of(
            Client.invoke("hello", "handle", "world"), resp("Hello, world!"),
            Client.invoke("upper", "handle", "loud"), resp("LOUD"),
            Client.invoke("hello-native", "handle", "world"), resp("Hello, world, from native code!"));

    @TempDir
    private Path dir;

    private Daemon daemon;

    @BeforeEach
    void start() throws IOException {
        daemon = Home.withExamples(dir).start();
    }

    @AfterEach
    void stop() {
        daemon.close();
    }

    private static String resp(String text) {
        return "{\"ok\":true,\"message\":null,\"data\":{\"resp\":\"" + text + "\"}}";
    }

    @Test
    void engineChosenByConfiguration_takesThePluginsOver() throws Exception {
        try (Load load = Load.start(daemon, CLIENTS, EXCHANGES)) {
            awaitEngine("chicory");
            dropOtherEngine();
            load.awaitCalls(100);
            awaitEngine("chicory");

            choose("(engine=endive)");
            awaitEngine("endive");
            load.awaitCalls(200);

            choose("(engine=*)");
            awaitEngine("chicory");
            load.awaitCalls(200);
            load.assertNothingFailed();
            System.out.println("engine chosen by configuration: " + load.summary());
        }
    }

    @Test
    void engineThatGoes_isFollowedByTheOther() throws Exception {
        Path chicory = engineJar(daemon.home().bundles());
        Path kept = dir.resolve("kept.jar");
        try (Load load = Load.start(daemon, CLIENTS, EXCHANGES)) {
            dropOtherEngine();

            Files.move(chicory, kept);
            awaitEngine("endive");
            load.awaitCalls(200);

            Files.move(kept, chicory);
            awaitEngine("chicory");
            load.awaitCalls(200);
            load.assertNothingFailed();
            System.out.println("engine removed and put back: " + load.summary());
        }
    }

    private static Path engineJar(Path folder) throws IOException {
        try (Stream<Path> jars = Files.list(folder)) {
            return jars.filter(jar -> jar.getFileName().toString().startsWith("engine-"))
                    .findFirst()
                    .orElseThrow();
        }
    }

    private void dropOtherEngine() throws IOException {
        Path jar = engineJar(Daemon.DISTRIBUTION.resolve("optional"));
        // Under another name first, for the folder is watched.
        Path copy = Files.copy(jar, dir.resolve("copy.tmp"));
        Files.move(copy, daemon.home().bundles().resolve(jar.getFileName()), StandardCopyOption.ATOMIC_MOVE);
        String line = "installed bundle org.circleosd.pluginmanager.engine.endive ";
        Poll.until(Duration.ofSeconds(60), line, () -> daemon.home().logText().contains(line));
    }

    private void choose(String target) throws IOException {
        Path file = daemon.home().config().resolve("org.circleosd.pluginmanager.sandbox.cfg");
        List<String> lines = Files.readAllLines(file).stream()
                .map(line -> line.startsWith("engine.target ") ? "engine.target = " + target : line)
                .toList();
        Path changed = Files.write(dir.resolve("sandbox.tmp"), lines);
        Files.move(changed, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Waits until {@code list} shows every wasm plugin on this engine. */
    private void awaitEngine(String name) throws IOException {
        Poll.until(Duration.ofSeconds(90), "the plugins run on " + name, () -> {
            int wasm = 0;
            for (JsonNode plugin : Client.json(daemon.ask(Daemon.LIST)).get("data")) {
                if (plugin.get("type").textValue().equals("wasm")) {
                    wasm++;
                    if (!plugin.path("engine").path("name").asText().startsWith(name + " ")) {
                        return false;
                    }
                }
            }
            assertThat(wasm).isEqualTo(3);
            return true;
        });
    }
}
