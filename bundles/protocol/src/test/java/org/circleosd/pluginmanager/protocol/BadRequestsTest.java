package org.circleosd.pluginmanager.protocol;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_16BE;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.Charset;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Lines that break a rule: each has one short reply with the right code, and the next request is served. */
@Timeout(60)
class BadRequestsTest {

    private static final int LONGEST_REPLY = 4096;

    private final ProtocolFixture fixture = new ProtocolFixture();

    @AfterEach
    void nextRequest_isServed() {
        assertThat(fixture.reply("{\"action\":\"unload\",\"id\":\"example\"}"))
                .isEqualTo("{\"ok\":true,\"message\":\"unloaded\",\"data\":null}");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "hello",
                "GET / HTTP/1.1",
                "plugin:list",
                "{",
                "{\"action\"",
                "{\"action\":\"li",
                "{\"action\":\"list\"",
                "{\"action\":\"list\"}}",
                "{\"action\":\"list\"} {\"action\":\"list\"}",
                "{\"action\":\"list\"}{\"action\":\"list\"}",
                "{\"action\":\"list\"} x",
                "{\"action\":\"list\",}",
                "{\"action\":\"list\",\"action\":\"list\"}",
                "{\"action\":\"list\",\"acti\\u006fn\":\"load\"}",
                "{\"action\":\"list\",\"x\":{\"a\":1,\"a\":2}}",
                "{\"action\":\"list\",\"x\":[{\"a\":{\"b\":1,\"b\":1}}]}",
                "{'action':'list'}",
                "{action:\"list\"}",
                "{\"action\":\"list\",\"x\":NaN}",
                "{\"action\":\"list\",\"x\":-Infinity}",
                "{\"action\":\"list\",\"x\":01}",
                "{\"action\":\"list\",\"x\":+1}",
                "{\"action\":\"list\",\"x\":.5}",
                "{\"action\":\"list\",\"x\":1.}",
                "{\"action\":\"list\",\"x\":0x10}",
                "{\"action\":\"list\",\"x\":tru}",
                "{\"action\":\"list\",\"x\":nullx}",
                "{\"action\":\"list\"} // comment",
                "{\"action\":/* comment */\"list\"}",
                "# comment",
                "{\"action\":\"li\\st\"}",
                "{\"action\":\"list\",\"x\":\"\\u12g4\"}",
                "{\"action\":\"list\",\"\\ud800\":1}",
                "{\"action\":\"list\",\"x\":\"a\u0001b\"}",
                "{\"action\":\"list\",\"x\":\"a\tb\"}",
                "{\"action\":\"list\"\u0000}",
                "{\"action\":\"list\"}\u0000",
                "\u0000{\"action\":\"list\"}",
                "\ufeff{\"action\":\"list\"}",
                "\u00a0{\"action\":\"list\"}",
                "[1",
                "1e",
                "{} {}",
                "null null",
            })
    void lineThatIsNotStrictJson_isBadJson(String line) {
        assertRefused(fixture.reply(line), ErrorCode.BAD_JSON);
    }

    @ParameterizedTest
    @ValueSource(strings = {"null", "[]", "42", "\"list\"", "true", "-1.5", "[{\"action\":\"list\"}]"})
    void jsonThatIsNoObject_isABadRequest(String line) {
        assertRefused(fixture.reply(line), ErrorCode.BAD_REQUEST);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ff",
                "c080",
                "c1bf",
                "e08080",
                "eda080",
                "edbfbf",
                "f0808080",
                "f4908080",
                "f8888080",
                "80",
                "c3",
                "e282"
            })
    void invalidUtf8Anywhere_isBadJson(String hex) {
        String bytes = new String(HexFormat.of().parseHex(hex), ISO_8859_1);
        for (String template : List.of(
                "{\"action\":\"%s\"}",
                "{\"action\":\"list\",\"%s\":1}", "{\"action\":\"list\",\"x\":{\"y\":\"%s\"}}")) {
            byte[] line = String.format(template, bytes).getBytes(ISO_8859_1);

            assertThat(fixture.reply(line))
                    .startsWith("{\"ok\":false,\"message\":\"invalid request: the line is not UTF-8 at byte ")
                    .endsWith(",\"code\":\"bad_json\"}");
        }
    }

    @Test
    void utf16AndTls_areBadJson() {
        for (Charset charset : List.of(UTF_16BE, UTF_16LE)) {
            assertRefused(fixture.reply("{\"action\":\"list\"}".getBytes(charset)), ErrorCode.BAD_JSON);
        }
        byte[] clientHello = HexFormat.of().parseHex("16030100c8010000c40303");
        assertRefused(fixture.reply(clientHello), ErrorCode.BAD_JSON);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{}                                       | member 'action' is missing; expected a string",
                "{\"action\":null}                        | member 'action' is missing; expected a string",
                "{\"action\":1}                           | member 'action' is a number; expected a string",
                "{\"action\":1e999999999}                 | member 'action' is a number; expected a string",
                "{\"action\":[\"list\"]}                  | member 'action' is an array; expected a string",
                "{\"action\":\"\\ud800\"}                 | member 'action' has half of a surrogate pair; expected whole Unicode characters",
                "{\"action\":\"\\udc00\\ud800\"}          | member 'action' has half of a surrogate pair; expected whole Unicode characters",
                "{\"action\":\"a\\u0007\"}                | member 'action' is 'a\\\\u0007'; expected the name of an action",
                "{\"action\":\"load\"}                    | member 'path' is missing; expected a string",
                "{\"action\":\"load\",\"path\":null}      | member 'path' is missing; expected a string",
                "{\"action\":\"load\",\"path\":true}      | member 'path' is a boolean; expected a string",
                "{\"action\":\"load\",\"path\":\"x\",\"manifest\":{}}  | member 'manifest' is an object; expected a string or null",
                "{\"action\":\"load\",\"path\":\"x\",\"as\":1.9}       | member 'as' is a number; expected a string or null",
                "{\"action\":\"load\",\"path\":\"x\",\"as\":\"A b\"}   | member 'as' is 'A b'; expected an id: a lower-case letter, then up to 62 lower-case letters, digits or hyphens",
                "{\"action\":\"load\",\"path\":\"x\\ud800\"}           | member 'path' has half of a surrogate pair; expected whole Unicode characters",
                "{\"action\":\"unload\"}                  | member 'id' is missing; expected a string",
                "{\"action\":\"unload\",\"id\":12}        | member 'id' is a number; expected a string",
                "{\"action\":\"unload\",\"id\":\"a\\u0000\"}           | member 'id' has the character U+0000; expected a name",
                "{\"action\":\"invoke\",\"func\":\"f\"}   | member 'id' is missing; expected a string",
                "{\"action\":\"invoke\",\"id\":\"example\"}            | member 'func' is missing; expected a string",
                "{\"action\":\"invoke\",\"id\":\"example\",\"func\":{}}| member 'func' is an object; expected a string",
                "{\"action\":\"invoke\",\"id\":\"example\",\"func\":\"a\\u0000b\"} | member 'func' has the character U+0000; expected a name",
                "{\"action\":\"invoke\",\"id\":\"example\",\"func\":\"f\",\"payload\":\"\\ud83d\"} | member 'payload' has half of a surrogate pair; expected whole Unicode characters",
            })
    void memberThatIsWrong_isNamed(String line, String message) {
        assertThat(fixture.reply(line))
                .isEqualTo("{\"ok\":false,\"message\":\"invalid request: " + message
                        + "\",\"data\":null,\"code\":\"bad_request\"}");
        assertThat(fixture.host.loads).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"fly", "List", "list ", "__proto__", "", "constructor"})
    void unknownAction_isRefusedWithTheKnownOnes(String action) {
        assertThat(fixture.reply("{\"action\":\"" + action + "\"}"))
                .isEqualTo(
                        "{\"ok\":false,\"message\":\"invalid request: unknown action '" + action
                                + "'; expected one of disable, enable, events, invoke, list, load, reload, rollback, unload, upgrade\",\"data\":null,\"code\":\"unknown_action\"}");
    }

    @Test
    void textOfTheClient_isShownShortAndWithoutHiddenCharacters() {
        assertThat(fixture.reply("{\"action\":\"\u202ex\\u001b[2J\"}"))
                .isEqualTo("{\"ok\":false,\"message\":\"invalid request: member 'action' is '\\\\u202ex\\\\u001b[2J'; "
                        + "expected the name of an action\",\"data\":null,\"code\":\"bad_request\"}");
        String megabyte = "é".repeat(1 << 19);
        for (String line : List.of(
                "{\"action\":\"" + megabyte + "\"}",
                "{\"action\":\"unload\",\"id\":\"" + megabyte + "\"}",
                "{\"action\":\"load\",\"path\":\"" + megabyte + "\"}",
                "{\"action\":\"load\",\"path\":\"x\",\"as\":\"" + megabyte + "\"}",
                "{\"action\":\"invoke\",\"id\":\"example\",\"func\":\"" + megabyte + "\"}",
                "{\"action\":\"list\",\"" + megabyte + "\":1,\"" + megabyte + "\":1}",
                megabyte,
                "{\"x\":" + "a".repeat(1 << 19))) {
            assertThat(fixture.reply(line)).contains("\"ok\":false").hasSizeLessThan(LONGEST_REPLY);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"[", "{\"a\":", "[[{\"b\":"})
    void deepNesting_isBadJsonAtOnce(String bracket) {
        String reply = fixture.reply("{\"action\":\"list\",\"x\":" + bracket.repeat(100_000));

        assertRefused(reply, ErrorCode.BAD_JSON);
        assertThat(reply).contains("65");
    }

    @Test
    void payloadOf64Levels_isTaken_andOf65Not() {
        String levels = "[".repeat(64) + "]".repeat(64);
        fixture.reply("{\"action\":\"invoke\",\"id\":\"example\",\"func\":\"f\",\"payload\":" + levels + "}");
        assertThat(fixture.host.lastPayload()).isEqualTo(levels);

        assertRefused(
                fixture.reply("{\"action\":\"invoke\",\"id\":\"example\",\"func\":\"f\",\"payload\":[" + levels + "]}"),
                ErrorCode.BAD_JSON);
    }

    @ParameterizedTest
    @ValueSource(strings = {"%s", "-%s", "0.%s", "1e%s"})
    void numberOfAbsurdLength_isBadJson(String number) {
        assertRefused(
                fixture.reply("{\"action\":\"list\",\"x\":" + String.format(number, "1".repeat(100_000)) + "}"),
                ErrorCode.BAD_JSON);
    }

    @Test
    void moreThan100Members_areTooLarge() {
        assertThat(fixture.reply("{\"action\":\"list\"," + members(99) + "}")).startsWith("{\"ok\":true");
        assertThat(fixture.reply("{\"action\":\"list\"," + members(200_000) + "}"))
                .isEqualTo("{\"ok\":false,\"message\":\"invalid request: the request has more than 100 members\","
                        + "\"data\":null,\"code\":\"too_large\"}");
    }

    @Test
    void lineAboveTheLimit_isTooLarge() {
        assertThat(new String(fixture.protocol.tooLarge(1 << 20), UTF_8))
                .isEqualTo("{\"ok\":false,\"message\":\"invalid request: the line is longer than 1048576 bytes; send "
                        + "less, or raise max.request.bytes of the socket\",\"data\":null,\"code\":\"too_large\"}\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", " ", "\r", " \t\r"})
    void blankLine_hasNoReply(String line) {
        fixture.protocol.handle(line.getBytes(UTF_8), ProtocolFixture.CALLER, reply -> {
            throw new AssertionError("a reply to a blank line");
        });
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"action\":\"list\"}\r",
                "  {\t\"action\" : \"list\" }  ",
                "{\"action\":\"list\",\"x\":\"\\udfff\"}"
            })
    void blanksAndUnknownMembers_areIgnored(String line) {
        assertThat(fixture.reply(line)).startsWith("{\"ok\":true");
    }

    /** Random damage to good lines; the fixed seed makes a failure repeatable. */
    @Test
    void mutatedLines_neverMeetADefect() {
        Random random = new Random(20261123);
        List<byte[]> good = IntStream.range(0, GOOD.length)
                .mapToObj(i -> GOOD[i].getBytes(UTF_8))
                .toList();
        for (int i = 0; i < 5_000; i++) {
            byte[] line = good.get(random.nextInt(good.size())).clone();
            for (int change = random.nextInt(4); change >= 0; change--) {
                line[random.nextInt(line.length)] = (byte)
                        (random.nextBoolean()
                                ? ALPHABET.charAt(random.nextInt(ALPHABET.length()))
                                : random.nextInt(256));
            }
            if (!new String(line, UTF_8).isBlank()) {
                assertThat(fixture.reply(line)).startsWith("{\"ok\":").doesNotContain("\"internal\"");
            }
        }
    }

    private static final String ALPHABET = "{}[]\",:\\u0019eE+-. tfn";
    private static final String[] GOOD = {
        "{\"action\":\"list\"}",
        "{\"action\":\"load\",\"path\":\"./a\\u00e9\\ud83d\\ude00.wasm\",\"manifest\":null,\"as\":\"x-1\"}",
        "{\"action\":\"invoke\",\"id\":\"example\",\"func\":\"f\",\"payload\":{\"a\":[1,-2.5e3,\"é\\n\",true,null,{}]}}",
        "{\"action\":\"invoke\",\"id\":\"example\",\"func\":\"f\",\"payload\":\"\\\"\\\\\\u0041\"}",
        "{\"action\":\"invoke\",\"id\":\"example\",\"func\":\"f\",\"payload\":-12.5e10}",
        "{\"action\":\"unload\",\"id\":\"example\",\"rid\":[[],{}]}",
    };

    private static String members(int count) {
        return IntStream.range(0, count).mapToObj(i -> "\"k" + i + "\":1").collect(Collectors.joining(","));
    }

    private static void assertRefused(String reply, ErrorCode code) {
        assertThat(reply)
                .startsWith("{\"ok\":false,\"message\":\"invalid request: ")
                .endsWith("\",\"data\":null,\"code\":\"" + code.wireName() + "\"}")
                .hasSizeLessThan(LONGEST_REPLY)
                .doesNotContain("StreamReadConstraints", "Source:", "Feature", "`");
    }
}
