package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.junit.jupiter.params.provider.Arguments.arguments;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A client sends what is no request. It is told why, and goes on over the same connection. */
@Timeout(120)
class BadRequestIT {

    private static final int MIB = 1 << 20;
    private static final byte[] INVALID_UTF8 = {'{', '"', 'a', '"', ':', '"', (byte) 0xc3, (byte) 0x28, '"', '}', '\n'};
    private static final byte[] OVERLONG_SLASH = {'"', (byte) 0xc0, (byte) 0xaf, '"', '\n'};

    @TempDir
    private static Path dir;

    private static Survivor survivor;

    @BeforeAll
    static void start() throws IOException {
        survivor = Survivor.start(dir);
    }

    @AfterEach
    void assertUnhurt() throws IOException {
        survivor.assertUnhurt();
    }

    @AfterAll
    static void stop() throws IOException {
        survivor.close();
    }

    static Stream<Arguments> badLines() {
        return Stream.of(
                arguments("no JSON", "hello", "bad_json"),
                arguments("one brace", "{", "bad_json"),
                arguments("an array", "[]", "bad_request"),
                arguments("a number", "1", "bad_request"),
                arguments("null", "null", "bad_request"),
                arguments("wrong type", "{\"action\":1}", "bad_request"),
                arguments("missing member", "{\"action\":\"invoke\",\"id\":\"hello\"}", "bad_request"),
                arguments("unknown action", "{\"action\":\"dance\"}", "unknown_action"),
                arguments("unknown plugin", Client.invoke("nobody", "handle", ""), "plugin_not_found"),
                arguments("unknown function", Client.invoke("hello", "dance", ""), "function_not_found"),
                arguments("10,000 objects deep", nested("{\"a\":", "}"), "bad_json"),
                arguments("10,000 arrays deep", "{\"action\":" + nested("[", "]") + "}", "bad_json"),
                arguments("10,000 deep in the payload", payload(nested("[", "]")), "bad_json"),
                arguments("10,000 deep without an end", "{\"a\":".repeat(10_000), "bad_json"),
                arguments("duplicate keys", "{\"action\":\"list\",\"action\":\"list\"}", "bad_json"),
                arguments("duplicate keys in the payload", payload("{\"a\":1,\"a\":2}"), "bad_json"),
                arguments("two documents", "{\"action\":\"list\"}{\"action\":\"list\"}", "bad_json"),
                arguments("a long number", payload("1".repeat(100_000)), "bad_json"),
                arguments("a long action", "{\"action\":\"" + "x".repeat(100_000) + "\"}", "bad_request"),
                arguments("a long id", Client.invoke("x".repeat(100_000), "handle", ""), "plugin_not_found"),
                arguments("a long function", Client.invoke("hello", "x".repeat(100_000), ""), "bad_request"),
                arguments(
                        "UTF-16",
                        new String("{}".getBytes(StandardCharsets.UTF_16LE), StandardCharsets.UTF_8),
                        "bad_json"),
                arguments("a byte order mark", "\ufeff{\"action\":\"list\"}", "bad_json"));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badLines")
    void badLine_isAnsweredWithItsCode(String what, String line, String code) throws IOException {
        for (int i = 0; i < 20; i++) {
            assertFailure(survivor.client().ask(line), code);
        }
    }

    static Stream<Arguments> badBytes() {
        return Stream.of(arguments("invalid UTF-8", INVALID_UTF8), arguments("an over-long form", OVERLONG_SLASH));
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("badBytes")
    void lineThatIsNotUtf8_isBadJson(String what, byte[] line) throws IOException {
        survivor.client().sendBytes(line);
        assertFailure(survivor.client().receive(), "bad_json");
    }

    @Test
    void lineAsLongAsTheLimit_isServed() throws IOException {
        String shortest = Client.invoke("hello", "handle", "");
        String line = Client.invoke("hello", "handle", "x".repeat(MIB - shortest.length()));
        assertThat(line).hasSize(MIB);
        JsonNode reply = survivor.client().askJson(line);
        assertThat(reply.at("/data/resp").textValue()).hasSize("Hello, !".length() + MIB - shortest.length());
    }

    @Test
    void lineOneByteLongerThanTheLimit_isTooLargeAndTheNextIsServed() throws IOException {
        for (int i = 0; i < 3; i++) {
            survivor.client()
                    .sendBytes(("x".repeat(MIB + 1) + "\n" + Daemon.LIST + "\n").getBytes(StandardCharsets.UTF_8));
            assertFailure(survivor.client().receive(), "too_large");
            assertThat(survivor.client().askJson(Daemon.LIST).get("ok").booleanValue())
                    .isTrue();
            assertThat(Client.json(survivor.client().receive()).get("ok").booleanValue())
                    .isTrue();
        }
    }

    @Test
    void lineWithoutAnEnd_endsItsConnection() throws IOException {
        byte[] block = "x".repeat(MIB).getBytes(StandardCharsets.UTF_8);
        try (Client client = survivor.daemon().connect()) {
            assertThatIOException().as("the daemon stops reading").isThrownBy(() -> {
                for (int i = 0; i < 1024; i++) {
                    client.sendBytes(block);
                }
            });
        }
    }

    @Test
    void badLineWithoutALineEnd_isAnsweredWhenTheClientHalfCloses() throws IOException {
        try (Client client = survivor.daemon().connect()) {
            client.sendBytes("{\"action\":\"li".getBytes(StandardCharsets.UTF_8));
            client.endOfInput();
            assertFailure(client.receive(), "bad_json");
            assertThat(client.isAtEnd()).isTrue();
        }
    }

    @Test
    void blankLinesAndCarriageReturns_areNoRequests() throws IOException {
        String lines = "\n\r\n  \t \n" + Survivor.CANARY + "\r\n\n" + Survivor.CANARY + "\n";
        survivor.client().sendBytes(lines.getBytes(StandardCharsets.UTF_8));
        assertThat(survivor.client().receive()).isEqualTo(Survivor.CANARY_REPLY);
        assertThat(survivor.client().receive()).isEqualTo(Survivor.CANARY_REPLY);
    }

    @Test
    void requestInSingleBytes_isServed() throws IOException {
        for (byte next : (Survivor.CANARY + "\n").getBytes(StandardCharsets.UTF_8)) {
            survivor.client().sendBytes(new byte[] {next});
        }
        assertThat(survivor.client().receive()).isEqualTo(Survivor.CANARY_REPLY);
    }

    private static void assertFailure(String reply, String code) {
        JsonNode json = Client.json(reply);
        assertThat(json.get("ok").booleanValue()).as(reply).isFalse();
        assertThat(json.get("message").textValue()).as(reply).isNotEmpty();
        assertThat(json.get("data").isNull()).as(reply).isTrue();
        assertThat(json.get("code").textValue()).as(reply).isEqualTo(code);
    }

    private static String nested(String open, String close) {
        return open.repeat(10_000) + "0" + close.repeat(10_000);
    }

    private static String payload(String json) {
        return "{\"action\":\"invoke\",\"id\":\"hello\",\"func\":\"handle\",\"payload\":" + json + "}";
    }
}
