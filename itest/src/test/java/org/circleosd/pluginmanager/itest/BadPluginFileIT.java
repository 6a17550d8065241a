package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A client loads what is no plugin. It is told why, and nothing is left of it. */
@Timeout(180)
class BadPluginFileIT {

    @TempDir
    private static Path dir;

    private static Path files;
    private static Survivor survivor;

    @BeforeAll
    static void start() throws IOException {
        Home home = Home.in(Files.createDirectory(dir.resolve("home")));
        files = Files.createDirectory(dir.resolve("files"));
        String roots = String.join(
                ",",
                "/proc",
                files.toString(),
                Daemon.DISTRIBUTION.resolve("plugins").toString(),
                TestPlugins.sandbox("").toString());
        home.set("host", "plugin.roots", roots);
        survivor = Survivor.start(home);
    }

    @AfterEach
    void assertUnhurt() throws IOException {
        survivor.assertUnhurt();
    }

    @AfterAll
    static void stop() throws IOException {
        survivor.close();
    }

    @Test
    void missingFile_isRefused() throws IOException {
        assertRefused(files.resolve("missing.wasm"), "path_invalid", "does not exist");
    }

    @Test
    void directory_isRefused() throws IOException {
        assertRefused(Files.createDirectory(files.resolve("folder.wasm")), "path_invalid", "directory");
    }

    @Test
    void fifo_isRefusedWithoutWaitingForAWriter() throws IOException {
        Path fifo = files.resolve("fifo.wasm");
        Commands.run(new ProcessBuilder("mkfifo", fifo.toString()));
        assertRefused(fifo, "path_invalid", "no regular file");
    }

    @ParameterizedTest
    @ValueSource(strings = {"/dev/zero", "/dev/stdin"})
    void device_isRefused(String device) throws IOException {
        assertRefused(Path.of(device), "path_invalid", device);
    }

    /** Root may read everything, but the kernel refuses to read the start of a process's memory. */
    @Test
    void unreadableFile_isRefused() throws IOException {
        assertRefused(Path.of("/proc/self/mem"), "path_invalid", "/proc/self/mem cannot be");
        Path file = Files.writeString(files.resolve("plain"), "x");
        assertRefused(file.resolve("under.wasm"), "path_invalid", "under.wasm");
    }

    @Test
    void fileOutsideTheRoots_isRefusedAlsoBehindALink() throws IOException {
        Path outside = Files.copy(TestPlugins.example("hello.wasm"), dir.resolve("outside.wasm"));
        assertRefused(outside, "path_invalid", "plugin.roots");
        assertRefused(files.resolve("../outside.wasm"), "path_invalid", "plugin.roots");
        Path link = Files.createSymbolicLink(files.resolve("link.wasm"), outside);
        assertRefused(link, "path_invalid", "plugin.roots");
        Path folder = Files.createSymbolicLink(files.resolve("linked"), dir);
        assertRefused(folder.resolve("outside.wasm"), "path_invalid", "plugin.roots");
    }

    @Test
    void textNamedWasm_isRefused() throws IOException {
        Path text = Files.writeString(files.resolve("text.wasm"), "This is no plugin.\n");
        assertRefused(text, "plugin_invalid", "text");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 4, 7, 8, 9, 30, 100, 200, -200, -100, -50, -1})
    void truncatedWasm_isRefusedWhereverItEnds(int end) throws IOException {
        byte[] whole = Files.readAllBytes(TestPlugins.example("hello.wasm"));
        int length = end < 0 ? whole.length + end : end;
        Path file = files.resolve("truncated-" + length + ".wasm");
        Files.write(file, Arrays.copyOf(whole, length));
        assertRefused(file, "plugin_invalid", "");
    }

    @Test
    void unknownImport_isNamed() throws IOException {
        assertRefused(TestPlugins.sandbox("unknown-import.wasm"), "plugin_invalid", "env.mystery");
    }

    @Test
    void moduleThatTrapsInItsStart_isRefused() throws IOException {
        assertRefused(TestPlugins.sandbox("start-trap.wasm"), "plugin_trap", "unreachable");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
                    {"name":1,"version":"1","plugin_type":"wasm"}            | /name: the number 1; expected a string
                    {"name":"x","version":["1"],"plugin_type":"wasm"}        | /version: an array; expected a string
                    {"name":"x","version":"1","plugin_type":"wsm"}           | /plugin_type: 'wsm'; expected 'wasm' or 'native'
                    {"name":"x","version":"1","plugin_type":null}            | /plugin_type
                    {"name":"x","version":"1"}                               | plugin_type
                    {"name":"x","plugin_type":"wasm","limits":{"a":1}}       | /limits/a
                    {"name":"x","plugin_type":"wasm","limits":{"timeout_ms":-1}} | /limits/timeout_ms
                    {"name":"x","plugin_type":"wasm","entry":"../../x.wasm"} | /entry
                    {"name":"x","plugin_type":"wasm","name":"y"}             | name
                    [1]                                                      | object
                    nonsense                                                 | JSON
                    """)
    void badManifest_isRefusedWithThePlace(String manifest, String place) throws IOException {
        Path file = Files.writeString(files.resolve("bad.json"), manifest);
        assertRefused(Client.load(TestPlugins.example("hello.wasm"), file, "other"), "manifest_invalid", place);
    }

    @Test
    void manifestThatIsNotUtf8OrTooDeep_isRefused() throws IOException {
        Path file = files.resolve("odd.json");
        Files.write(file, "{\"name\":\"\u00e9\",\"plugin_type\":\"wasm\"}".getBytes(StandardCharsets.ISO_8859_1));
        assertRefused(Client.load(TestPlugins.example("hello.wasm"), file, "other"), "manifest_invalid", "odd.json");
        Files.writeString(file, "{\"x-deep\":" + "[".repeat(10_000) + "]".repeat(10_000) + "}");
        assertRefused(Client.load(TestPlugins.example("hello.wasm"), file, "other"), "manifest_invalid", "odd.json");
    }

    @Test
    void sameNameTwice_isRefusedAndTheFirstGoesOn() throws IOException {
        assertRefused(TestPlugins.example("hello.wasm"), "already_loaded", "'hello' is taken");
    }

    private static void assertRefused(Path file, String code, String part) throws IOException {
        assertRefused(Client.load(file), code, part);
    }

    private static void assertRefused(String request, String code, String part) throws IOException {
        for (int i = 0; i < 5; i++) {
            JsonNode reply = survivor.client().askJson(request);
            assertThat(reply.path("code").textValue())
                    .as("%s -> %s", request, reply)
                    .isEqualTo(code);
            assertThat(reply.get("message").textValue())
                    .startsWith("load failed: ")
                    .contains(part);
        }
    }
}
