package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Somebody starts it for the first time and talks to it with the programs that are there anyway. */
@Timeout(120)
class FirstUseIT {

    private static final String REQUEST = Client.invoke("hello", "handle", "world");
    private static final String REPLY = "{\"ok\":true,\"message\":null,\"data\":{\"resp\":\"Hello, world!\"}}";

    private static final List<String> MEMBERS = List.of(
            "id",
            "name",
            "version",
            "description",
            "type",
            "state",
            "path",
            "sha256",
            "abi",
            "functions",
            "signer",
            "isolation",
            "loaded_at",
            "engine");

    @TempDir
    private static Path dir;

    private static Daemon daemon;

    @BeforeAll
    static void start() throws IOException {
        daemon = Home.withExamples(dir).start();
    }

    @AfterAll
    static void standardOutput_carriedTheReadyLineAndNothingElse() {
        assertThat(daemon.terminate()).isZero();
        assertThat(daemon.moreOutput()).isEmpty();
    }

    @Test
    void readyLine_tellsSocketPidAndTime() {
        assertThat(daemon.ready())
                .matches("ready: " + Pattern.quote(daemon.home().socket().toString()) + " \\(pid " + daemon.pid()
                        + ", \\d+\\.\\d\\d? s\\)");
    }

    /** As in the README: this netcat waits for more from the daemon until it is stopped. */
    @Test
    void netcat_getsTheReply() throws IOException {
        Process netcat =
                new ProcessBuilder("sh", "-c", "printf '%s\\n' \"$1\" | nc -U \"$2\"", "sh", REQUEST, socket()).start();
        Commands.require("nc");
        try (BufferedReader out = netcat.inputReader()) {
            assertThat(out.readLine()).isEqualTo(REPLY);
        } finally {
            netcat.descendants().forEach(ProcessHandle::destroy);
            netcat.destroy();
        }
    }

    @Test
    void netcatThatHalfCloses_getsTheReplyAndEnds() throws IOException {
        assertReply(Commands.run(new ProcessBuilder(Commands.require("nc"), "-N", "-U", socket()), REQUEST + "\n"));
    }

    @Test
    void socat_getsTheReplyAndEnds() throws IOException {
        assertReply(Commands.run(
                new ProcessBuilder(Commands.require("socat"), "-t", "60", "-", "UNIX-CONNECT:" + socket()),
                REQUEST + "\n"));
    }

    @Test
    void fiveLinesOfPython_getTheReply() throws IOException {
        String program = """
                import socket, sys
                connection = socket.socket(socket.AF_UNIX)
                connection.connect(sys.argv[1])
                connection.sendall((sys.argv[2] + "\\n").encode())
                print(connection.makefile().readline(), end="")
                """;
        assertReply(Commands.run(new ProcessBuilder(Commands.require("python3"), "-c", program, socket(), REQUEST)));
    }

    @Test
    void requestWithoutALineEnd_isAnsweredWhenTheClientHalfCloses() throws IOException {
        try (Client client = daemon.connect()) {
            client.sendBytes(REQUEST.getBytes(StandardCharsets.UTF_8));
            client.endOfInput();
            assertThat(client.receive()).isEqualTo(REPLY);
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    @Test
    void exampleOfEachKind_answers() throws IOException {
        Map<String, String> answers = Map.of(
                "hello", "Hello, world!",
                "upper", "WORLD",
                "wordcount", "{\"lines\":1,\"words\":1,\"bytes\":5}",
                "hello-native", "Hello, world, from native code!");
        for (Map.Entry<String, String> answer : answers.entrySet()) {
            try (Client client = daemon.connect()) {
                JsonNode reply = client.askJson(Client.invoke(answer.getKey(), "handle", "world"));
                assertThat(reply.at("/data/resp").textValue())
                        .as(reply.toString())
                        .isEqualTo(answer.getValue());
            }
        }
    }

    @Test
    void list_showsTheExamplesWithTheirMembersInOrder() throws IOException {
        JsonNode reply = Client.json(daemon.ask(Daemon.LIST));
        assertThat(names(reply)).containsExactly("ok", "message", "data");
        List<String> ids = new ArrayList<>();
        for (JsonNode plugin : reply.get("data")) {
            ids.add(plugin.get("id").textValue());
            // Only where this system cannot enforce a layer.
            assertThat(names(plugin))
                    .filteredOn(name -> !name.equals("unenforced"))
                    .isEqualTo(MEMBERS);
            assertThat(plugin.get("state").textValue()).isEqualTo("active");
            assertThat(plugin.get("path").textValue())
                    .startsWith(daemon.home().plugins().toString());
        }
        assertThat(ids).containsExactly("hello", "hello-native", "seed-native", "upper", "wordcount");
    }

    private static void assertReply(Commands.Result result) {
        assertThat(result.out()).as(result.text()).isEqualTo(REPLY + "\n");
        assertThat(result.status()).as(result.text()).isZero();
    }

    private static List<String> names(JsonNode object) {
        List<String> names = new ArrayList<>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static String socket() {
        return daemon.home().socket().toString();
    }
}
