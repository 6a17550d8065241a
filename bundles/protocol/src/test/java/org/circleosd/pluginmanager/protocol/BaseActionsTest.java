package org.circleosd.pluginmanager.protocol;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginState;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Replies, byte for byte. */
class BaseActionsTest {

    private static final String ROW_START = "{\"id\":\"example\",\"name\":\"Example\",\"version\":\"0.1\","
            + "\"description\":\"says hello\",\"type\":\"wasm\",\"state\":";
    private static final String ROW_END = "\"path\":\"/plugins/example.wasm\",\"sha256\":\"" + "ab".repeat(32)
            + "\",\"abi\":\"bytes\",\"functions\":[\"handle\",\"other\"],\"signer\":null,\"isolation\":[\"wasm\"],"
            + "\"loaded_at\":\"2026-11-22T10:00:00.000Z\",\"engine\":";

    private final ProtocolFixture fixture = new ProtocolFixture();
    private final FakeHost host = fixture.host;

    @Test
    void list_showsARowAPlugin() {
        assertThat(fixture.reply("{\"action\":\"list\"}"))
                .isEqualTo("{\"ok\":true,\"message\":null,\"data\":[" + ROW_START + "\"active\"," + ROW_END
                        + "{\"name\":\"chicory 1.7.5\",\"mode\":\"mixed\",\"compiled\":11,\"of\":12}}]}");
    }

    @Test
    void listOfNone_isEmpty() {
        host.plugins = List.of();

        assertThat(fixture.reply("{\"action\":\"list\"}")).isEqualTo("{\"ok\":true,\"message\":null,\"data\":[]}");
    }

    @Test
    void failedPlugin_isListedWithItsReason() {
        host.plugins = List.of(FakeHost.example(PluginState.FAILED, "its file is gone"));

        assertThat(fixture.reply("{\"action\":\"list\"}"))
                .isEqualTo("{\"ok\":true,\"message\":null,\"data\":[" + ROW_START
                        + "\"failed\",\"reason\":\"its file is gone\"," + ROW_END + "null}]}");
    }

    @Test
    void layersThatAreMissing_areListedBehindThoseThatAreThere() {
        host.plugins = List.of(FakeHost.example(PluginState.ACTIVE, null, List.of("uid: not root", "netns: not root")));

        assertThat(fixture.reply("{\"action\":\"list\"}"))
                .contains(
                        "\"isolation\":[\"wasm\"],\"unenforced\":[\"uid: not root\",\"netns: not root\"],\"loaded_at\":");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", ",\"manifest\":null", ",\"manifest\":null,\"as\":null", ",\"unknown\":{\"a\":[1]},\"rid\":7"
            })
    void loadOfAPath_asksForThePathAlone(String more) {
        assertThat(fixture.reply("{\"action\":\"load\",\"path\":\"./plugins/example.wasm\"" + more + "}"))
                .isEqualTo("{\"ok\":true,\"message\":\"loaded\",\"data\":{\"id\":\"example\"}}");
        assertThat(host.loads).containsExactly(LoadRequest.of(Path.of("./plugins/example.wasm")));
    }

    @Test
    void loadWithManifestAndId_passesThem() {
        fixture.reply("{\"as\":\"other-1\",\"manifest\":\"m.json\",\"path\":\"/x\\u002fy\",\"action\":\"load\"}");

        assertThat(host.loads)
                .containsExactly(new LoadRequest(
                        Path.of("/x/y"), Optional.of(Path.of("m.json")), Optional.of(new PluginId("other-1"))));
    }

    @Test
    void loadThatFails_saysWhy() {
        assertThat(fixture.reply("{\"action\":\"load\",\"path\":\"taken.wasm\"}"))
                .isEqualTo("{\"ok\":false,\"message\":\"load failed: 'example' is taken\",\"data\":null,"
                        + "\"code\":\"already_loaded\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "path    | ``        | member 'path' is empty; expected the path of a file",
                "manifest| ``        | member 'manifest' is empty; expected the path of a file",
                "path    | a\\u0000b | member 'path' is 'a\\\\u0000b'; expected a path without control characters",
                "path    | a\\nb     | member 'path' is 'a\\\\u000ab'; expected a path without control characters",
            })
    void textThatIsNoPath_isRefused(String member, String text, String message) {
        String other = member.equals("path") ? "" : "\"path\":\"x\",";

        assertThat(fixture.reply("{\"action\":\"load\"," + other + "\"" + member + "\":\"" + text + "\"}"))
                .isEqualTo("{\"ok\":false,\"message\":\"load failed: " + message
                        + "\",\"data\":null,\"code\":\"path_invalid\"}");
        assertThat(host.loads).isEmpty();
    }

    @Test
    void pathOfMoreThan4096Characters_isRefused() {
        assertThat(fixture.reply("{\"action\":\"load\",\"path\":\"" + "x".repeat(5000) + "\"}"))
                .isEqualTo("{\"ok\":false,\"message\":\"load failed: member 'path' has 5000 characters; a path has at "
                        + "most 4096\",\"data\":null,\"code\":\"path_invalid\"}");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`\"hello\"`                   | hello",
                "`\"\"`                        | ``",
                "null                          | ``",
                "`\"\\u00e9\\ud83d\\ude00\\n\\\"\\\\\\/\"` | `é😀\n\"\\/`",
                "`\"é😀\"`                     | é😀",
                "42                            | 42",
                "-1.50e+3                      | -1.50e+3",
                "1e999999999                   | 1e999999999",
                "true                          | true",
                "` [ 1 , \"a b\\\" ]\" , { } ] ` | `[1,\"a b\\\" ]\",{}]`",
                "`{\"b\" : 1.0,\t\"a\":\"\\u00e9\"}` | `{\"b\":1.0,\"a\":\"\\u00e9\"}`",
            })
    void payload_reachesTheFunctionAsTextOrCompactJson(String json, String payload) {
        fixture.reply("{\"action\":\"invoke\",\"id\":\"example\",\"func\":\"handle\",\"payload\":" + json + "}");

        assertThat(host.lastPayload()).isEqualTo(payload);
        assertThat(host.invocations.get(0).function()).isEqualTo("handle");
        assertThat(host.invocations.get(0).caller()).isEqualTo(ProtocolFixture.CALLER);
    }

    @Test
    void absentPayload_isEmpty() {
        fixture.reply("{\"action\":\"invoke\",\"id\":\"example\",\"func\":\"handle\"}");

        assertThat(host.lastPayload()).isEmpty();
    }

    @Test
    void resultInUtf8_isText() {
        host.function = call -> "é😀 \"\\\n\u0001\u0000/\u007f".getBytes(UTF_8);

        assertThat(fixture.reply(
                        "{\"action\":\"invoke\",\"id\":\"example\",\"func\":\"handle\",\"payload\":\"hello\"}"))
                .isEqualTo(
                        "{\"ok\":true,\"message\":null,\"data\":{\"resp\":\"é😀 \\\"\\\\\\n\\u0001\\u0000/\u007f\"}}");
    }

    @ParameterizedTest
    @CsvSource({"ff,/w==", "c080,wIA=", "eda080,7aCA", "f4908080,9JCAgA==", "61e2,YeI=", "f0808080,8ICAgA=="})
    void resultThatIsNotUtf8_isBase64(String hex, String base64) {
        host.function = call -> HexFormat.of().parseHex(hex);

        assertThat(fixture.reply("{\"action\":\"invoke\",\"id\":\"example\",\"func\":\"handle\"}"))
                .isEqualTo("{\"ok\":true,\"message\":null,\"data\":{\"resp_b64\":\"" + base64 + "\"}}");
    }

    @Test
    void unknownPlugin_isNotFound() {
        assertThat(fixture.reply("{\"action\":\"invoke\",\"id\":\"other\",\"func\":\"handle\"}"))
                .isEqualTo("{\"ok\":false,\"message\":\"invoke failed: no plugin has the id 'other'\",\"data\":null,"
                        + "\"code\":\"plugin_not_found\"}");
    }

    @Test
    void unknownFunction_isNotFound() {
        assertThat(fixture.reply("{\"action\":\"invoke\",\"id\":\"example\",\"func\":\"missing\"}"))
                .isEqualTo("{\"ok\":false,\"message\":\"invoke failed: no function 'missing'; it has handle, other\","
                        + "\"data\":null,\"code\":\"function_not_found\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"invoke", "unload"})
    void textThatIsNoId_namesNoPlugin(String action) {
        assertThat(fixture.reply("{\"action\":\"" + action + "\",\"id\":\"../Etc\",\"func\":\"handle\"}"))
                .isEqualTo(
                        "{\"ok\":false,\"message\":\"" + action + " failed: no plugin has the id '../Etc'; expected an "
                                + "id: a lower-case letter, then up to 62 lower-case letters, digits or hyphens\",\"data\":null,\"code\":\"plugin_not_found\"}");
    }

    @Test
    void unload_saysUnloaded() {
        assertThat(fixture.reply("{\"action\":\"unload\",\"id\":\"example\"}"))
                .isEqualTo("{\"ok\":true,\"message\":\"unloaded\",\"data\":null}");
        assertThat(host.unloads).containsExactly(FakeHost.EXAMPLE);
        assertThat(fixture.reply("{\"action\":\"unload\",\"id\":\"other\"}"))
                .isEqualTo("{\"ok\":false,\"message\":\"unload failed: no plugin has the id 'other'\",\"data\":null,"
                        + "\"code\":\"plugin_not_found\"}");
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void everyCodeOfAPlugin_reachesTheClient(ErrorCode code) {
        host.function = call -> {
            throw new PluginException(code, "so it is");
        };
        String what =
                switch (code) {
                    case BAD_REQUEST, UNKNOWN_ACTION -> "invalid request";
                    default -> "invoke failed";
                };
        String retry =
                switch (code) {
                    case BUSY, UNAVAILABLE -> ",\"retry\":true";
                    default -> "";
                };

        assertThat(fixture.reply("{\"action\":\"invoke\",\"id\":\"example\",\"func\":\"handle\"}"))
                .isEqualTo("{\"ok\":false,\"message\":\"" + what + ": so it is\",\"data\":null,\"code\":\""
                        + code.wireName() + "\"" + retry + "}");
    }
}
