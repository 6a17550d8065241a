package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Plugin files come, change and go in the drop folder. */
@Timeout(180)
class DropFolderIT {

    /** The promise is 1 s; a machine under load gets more. Each test prints what it took. */
    private static final Duration BOUND = Duration.ofSeconds(20);

    private static final String HELLO = "\"resp\":\"Hello, x!\"";

    @TempDir
    private static Path dir;

    private static Path folder;
    private static Daemon daemon;
    private static Client client;

    @BeforeAll
    static void start() throws IOException {
        Home home = Home.in(dir);
        folder = home.plugins();
        daemon = home.start();
        client = daemon.connect();
    }

    @AfterEach
    void empty() throws IOException {
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.delete(file);
            }
        }
        await("everything is unloaded", () -> client.ask(Daemon.LIST).endsWith("\"data\":[]}"));
    }

    @AfterAll
    static void stop() throws IOException {
        client.close();
        daemon.close();
    }

    @Test
    void fileThatAppears_isLoadedAndOneThatGoes_isUnloaded() throws IOException {
        Path file = copy("hello.wasm", "drop.wasm");
        await("the file that appeared answers", () -> answers("drop", HELLO));
        Files.delete(file);
        await("the plugin went with its file", () -> call("drop").contains("\"code\":\"plugin_not_found\""));
    }

    @Test
    void fileThatIsRenamedIn_isLoadedAndOneThatIsRenamedAway_isUnloaded() throws IOException {
        Path outside = Files.copy(TestPlugins.example("hello.wasm"), dir.resolve("outside.wasm"));
        Path inside = folder.resolve("drop.wasm");
        Files.move(outside, inside, StandardCopyOption.ATOMIC_MOVE);
        await("the file that was renamed in answers", () -> answers("drop", HELLO));
        Files.move(inside, folder.resolve("renamed.wasm"), StandardCopyOption.ATOMIC_MOVE);
        await(
                "the new name answers, the old one is gone",
                () -> answers("renamed", HELLO) && call("drop").contains("plugin_not_found"));
        Files.move(folder.resolve("renamed.wasm"), outside, StandardCopyOption.ATOMIC_MOVE);
        await("nothing is left", () -> client.ask(Daemon.LIST).endsWith("\"data\":[]}"));
        Files.delete(outside);
    }

    /** The first half is no valid module; it stays long enough to be looked at. */
    @Test
    void fileThatIsWrittenInTwoHalves_isLoadedWhenItIsWhole() throws IOException {
        byte[] whole = Files.readAllBytes(TestPlugins.example("wordcount.wasm"));
        int half = whole.length / 2;
        Path file = folder.resolve("halves.wasm");
        Files.write(file, Arrays.copyOf(whole, half));
        Poll.until(
                BOUND, "the half was looked at", () -> daemon.home().logText().contains("halves.wasm is not deployed"));
        assertThat(client.ask(Daemon.LIST)).endsWith("\"data\":[]}");
        Files.write(file, Arrays.copyOfRange(whole, half, whole.length), StandardOpenOption.APPEND);
        await("the whole file answers", () -> answers("halves", "\\\"words\\\":1"));
    }

    @Test
    void hiddenAndOtherFiles_areLeftAlone() throws IOException {
        Files.copy(TestPlugins.example("hello.wasm"), folder.resolve(".hidden.wasm"));
        Files.writeString(folder.resolve("notes.txt"), "not a plugin");
        Files.createDirectory(folder.resolve("folder.wasm"));
        copy("hello.wasm", "last.wasm");
        await("the plugin among them answers", () -> answers("last", HELLO));
        assertThat(Client.json(client.ask(Daemon.LIST)).get("data")).hasSize(1);
    }

    @Test
    void fileThatChangesUnderLoad_isReplacedWithoutAFailedCall() throws Exception {
        Path file = copy("hello.wasm", "changing.wasm");
        await("the first version answers", () -> answers("changing", HELLO));
        Map<String, String> calls = Map.of(
                Client.invoke("changing", "handle", "x"),
                "{\"ok\":true,\"message\":null,\"data\":{\"resp\":\"Hello, x!\"}}");
        try (Load load = Load.start(daemon, 4, calls)) {
            for (int i = 0; i < 4; i++) {
                String before = digest("changing");
                replace(file, changed(TestPlugins.example("hello.wasm"), i));
                await("the change is taken", () -> !digest("changing").equals(before));
                load.awaitCalls(50);
            }
            load.assertNothingFailed();
            System.out.println("4 changes of a wasm file: " + load.summary());
        }
    }

    @Test
    void nativeFileThatChangesUnderLoad_isReplacedWithoutAFailedCall() throws Exception {
        Path built = TestPlugins.kit(dir);
        Path file = folder.resolve("kit.so");
        Files.copy(dir.resolve("kit.json"), folder.resolve("kit.json"));
        Files.copy(built, file);
        await("the first version answers", () -> client.ask(Client.invoke("kit", "echo", "x"))
                .contains("\"resp\":\"x\""));
        Map<String, String> calls =
                Map.of(Client.invoke("kit", "echo", "x"), "{\"ok\":true,\"message\":null,\"data\":{\"resp\":\"x\"}}");
        try (Load load = Load.start(daemon, 4, calls)) {
            for (int i = 0; i < 4; i++) {
                String before = digest("kit");
                byte[] bytes = Arrays.copyOf(Files.readAllBytes(built), (int) Files.size(built) + 1 + i);
                // In place, without a rename: the library that runs is a copy.
                Files.write(file, bytes);
                await("the change is taken", () -> !digest("kit").equals(before));
                load.awaitCalls(50);
            }
            load.assertNothingFailed();
            System.out.println("4 changes of a native file: " + load.summary());
        }
    }

    @Test
    void manifestThatComesChangesAndGoes_isFollowed() throws IOException {
        copy("hello.wasm", "drop.wasm");
        await("it answers without a manifest", () -> answers("drop", HELLO));
        Path manifest = folder.resolve("drop.json");
        for (String version : new String[] {"1.5", "2.5"}) {
            Files.writeString(
                    manifest,
                    "{\"name\":\"drop\",\"version\":\"" + version + "\",\"plugin_type\":\"wasm\",\"entry\":\"\"}");
            await("version " + version + " is shown", () -> client.ask(Daemon.LIST)
                    .contains("\"version\":\"" + version + "\""));
            assertThat(call("drop")).contains(HELLO);
        }
        Files.delete(manifest);
        await("the inferred version is shown", () -> client.ask(Daemon.LIST).contains("\"version\":\"0\""));
    }

    @Test
    void changeThatIsNoPlugin_isRefusedAndTheOldOneGoesOn() throws IOException {
        Path file = copy("hello.wasm", "drop.wasm");
        await("it answers", () -> answers("drop", HELLO));
        replace(file, "no plugin any more\n".getBytes(java.nio.charset.StandardCharsets.UTF_8));
        Poll.until(BOUND, "the refusal is logged", () -> daemon.home().logText().contains("drop.wasm is not deployed"));
        assertThat(call("drop")).contains(HELLO);
    }

    private static Path copy(String example, String name) throws IOException {
        return Files.copy(TestPlugins.example(example), folder.resolve(name));
    }

    private static void replace(Path file, byte[] content) throws IOException {
        Path fresh = Files.write(dir.resolve("fresh"), content);
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** The same module with a custom section behind it: other bytes, same behaviour. */
    private static byte[] changed(Path module, int mark) throws IOException {
        byte[] bytes = Files.readAllBytes(module);
        byte[] changed = Arrays.copyOf(bytes, bytes.length + 5);
        byte[] section = {0, 3, 1, 'm', (byte) mark};
        System.arraycopy(section, 0, changed, bytes.length, section.length);
        return changed;
    }

    private static boolean answers(String id, String part) throws IOException {
        return call(id).contains(part);
    }

    private static String call(String id) throws IOException {
        return client.ask(Client.invoke(id, "handle", "x"));
    }

    private static String digest(String id) throws IOException {
        for (var plugin : client.askJson(Daemon.LIST).get("data")) {
            if (plugin.get("id").textValue().equals(id)) {
                return plugin.get("sha256").textValue();
            }
        }
        return "";
    }

    private static void await(String what, Poll.Check check) throws IOException {
        Duration took = Poll.until(BOUND, what, check);
        System.out.println("drop folder: " + what + " after " + took.toMillis() + " ms");
    }
}
