package org.circleosd.pluginmanager.manifest;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import org.circleosd.pluginmanager.api.Capability;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.FunctionDescription;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.ManifestLimits;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginIsolation;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginManifest.ErrorBudget;
import org.circleosd.pluginmanager.api.PluginManifestBuilder;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.PluginVersionRange;
import org.circleosd.pluginmanager.json.JsonText;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.osgi.framework.VersionRange;

class JsonManifestParserTest {

    private static final String ID_RULE =
            "an id: a lower-case letter, then up to 62 lower-case letters, digits or hyphens";
    private static final String RANGE_RULE = "a version range, as '1.2' (that or later), '[1.2,2.0)' or '^1.2'";

    private final JsonManifestParser parser = new JsonManifestParser();

    @Test
    void baseFive_areAManifest() {
        assertThat(parse("{\"name\":\"Example\",\"version\":\"0.1\",\"description\":\"says hello\","
                        + "\"plugin_type\":\"wasm\",\"entry\":\"example.wasm\"}"))
                .isEqualTo(PluginManifest.ofBase("Example", "0.1", "says hello", PluginType.WASM, "example.wasm"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", ",\"version\":null,\"description\":null,\"entry\":null", ",\"x-any\":{\"a\":[null]}"})
    void optionalBaseMembers_haveDefaults(String more) {
        assertThat(parse("{\"plugin_type\":\"native\",\"name\":\"Example\"" + more + "}"))
                .isEqualTo(PluginManifest.ofBase("Example", "0", "", PluginType.NATIVE, ""));
    }

    @Test
    void everyMember_isRead() {
        PluginManifest manifest = parse("""
                {"name":"Hello","plugin_type":"wasm","manifest_version":1.0,"id":"hello-2","abi":"raw","host":"[0.1,1)",
                 "functions":[{"name":"handle","description":"d","input":{"type" : "string", "maximum":1.50},"output":true},
                              {"name":"other"}],
                 "capabilities":{"net":["example.com:443"],"kv":{},"random":false,"log":true,"clock":"none","env":[],
                                 "fs":[{"name":"data","access":"ro"}]},
                 "limits":{"memory_bytes":65536,"timeout_ms":1e3,"output_bytes":1,"max_concurrency":4,"queue":0,
                           "http_response_bytes":2,"var_bytes":3},
                 "dependencies":{"store":"^1.2","count-2":"[0.1,1.0]"},"error_budget":{"errors":0,"calls":7,"seconds":8},
                 "config":{"a":"1","b":"é\\n"},"instances":"stateful","isolation":"in-process","group":"team-a"}""");

        assertThat(manifest)
                .isEqualTo(new PluginManifestBuilder("Hello", "0", "", PluginType.WASM, "")
                        .id(Optional.of(new PluginId("hello-2")))
                        .abi(Optional.of("raw"))
                        .hostRange(Optional.of("[0.1,1)"))
                        .functions(List.of(
                                new FunctionDescription(
                                        "handle", "d", "{\"type\":\"string\",\"maximum\":1.50}", "true"),
                                new FunctionDescription("other", "", null, null)))
                        .capabilities(List.of(
                                new Capability("net", "[\"example.com:443\"]"),
                                new Capability("kv", "{}"),
                                new Capability("log", "true"),
                                new Capability("fs", "[{\"name\":\"data\",\"access\":\"ro\"}]")))
                        .limits(new ManifestLimits(
                                OptionalLong.of(65536),
                                Optional.of(Duration.ofSeconds(1)),
                                OptionalLong.of(1),
                                OptionalInt.of(4),
                                OptionalInt.of(0),
                                OptionalLong.of(2),
                                OptionalLong.of(3)))
                        .config(Map.of("a", "1", "b", "é\n"))
                        .dependencies(Map.of(
                                new PluginId("store"),
                                new PluginVersionRange("^1.2"),
                                new PluginId("count-2"),
                                new PluginVersionRange("[0.1,1.0]")))
                        .errorBudget(Optional.of(new ErrorBudget(0, 7, Duration.ofSeconds(8))))
                        .instances(Optional.of(InstancePolicy.STATEFUL))
                        .isolation(Optional.of(PluginIsolation.IN_PROCESS))
                        .group(Optional.of("team-a"))
                        .build());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"plugin_type\":\"wsm\"   | /plugin_type: 'wsm'; expected 'wasm' or 'native'",
                "\"plugin_type\":1         | /plugin_type: the number 1; expected 'wasm' or 'native'",
                "\"name\":\"\"             | /name: ''; expected a string of 1 to 128 characters, none a control character",
                "\"name\":\"a\\u202eb\"    | /name: 'a\\u202eb'; expected a string of 1 to 128 characters, none a control character",
                "\"name\":\"a\\u0000b\"    | /name: 'a\\u0000b'; expected a string of 1 to 128 characters, none a control character",
                "\"name\":null             | /name: null; expected a string of 1 to 128 characters, none a control character",
                "\"version\":0.1           | /version: the number 0.1; expected a string of 1 to 64 characters, none a control character",
                "\"description\":[]        | /description: an array; expected a string of up to 4096 characters",
                "\"entry\":\"../x.wasm\"   | /entry: '../x.wasm'; expected a bare name of up to 255 characters: no slash, no '..', no control characters",
                "\"entry\":\"a\\\\b\"      | /entry: 'a\\b'; expected a bare name of up to 255 characters: no slash, no '..', no control characters",
                "\"manifest_version\":2    | /manifest_version: the number 2; expected the number 1",
                "\"manifest_version\":\"1\"| /manifest_version: '1'; expected the number 1",
                "\"id\":\"Hello\"          | /id: 'Hello'; expected ID_RULE",
                "\"abi\":\"wasm\"          | /abi: 'wasm'; expected 'bytes' or 'wasi-command' or 'raw' or 'extism'",
                "\"abi\":\"native-1\"      | /abi: 'native-1'; expected 'bytes' or 'wasi-command' or 'raw' or 'extism'",
                "\"host\":\">=1.0\"        | /host: '>=1.0'; expected an OSGi version range, as '1.0' or '[1.0,2)'",
                "\"functions\":{}          | /functions: an object; expected an array of functions",
                "\"functions\":[{}]        | /functions/0/name: missing; expected a string of 1 to 256 characters, none a control character",
                "\"functions\":[{\"name\":\"f\"},{\"name\":\"f\"}]     | /functions/1/name: 'f'; expected each function once",
                "\"functions\":[{\"name\":\"f\",\"input\":\"x\"}]      | /functions/0/input: 'x'; expected a JSON Schema: an object, true or false",
                "\"functions\":[{\"name\":\"f\",\"a/b~c\":1}]          | /functions/0/a~1b~0c: unknown member; expected one of description, input, name, output",
                "\"capabilities\":[]       | /capabilities: an array; expected an object with capabilities",
                "\"capabilities\":{\"gpu\":1} | /capabilities/gpu: unknown member; expected one of call, clock, env, fs, kv, log, net, random",
                "\"capabilities\":{\"fs\":[{\"name\":\"/etc\",\"access\":\"ro\"}]} | /capabilities/fs/0/name: '/etc'; expected a logical folder name, as 'data'; never a path of the host",
                "\"capabilities\":{\"fs\":[{\"name\":\"a\",\"access\":\"ro\"},{\"name\":\"a\",\"access\":\"rw\"}]} | /capabilities/fs/1/name: 'a'; expected each folder once",
                "\"capabilities\":{\"random\":\"yes\"} | /capabilities/random: 'yes'; expected true or false",
                "\"limits\":{\"timeout_ms\":0}         | /limits/timeout_ms: the number 0; expected a whole number from 1 to 3600000",
                "\"limits\":{\"timeout_ms\":1.9}       | /limits/timeout_ms: the number 1.9; expected a whole number from 1 to 3600000",
                "\"limits\":{\"memory_bytes\":1e999999999} | /limits/memory_bytes: the number 1e999999999; expected a whole number from 1 to 4294967296",
                "\"limits\":{\"memory_bytes\":1e99999999999999} | /limits/memory_bytes: the number 1e99999999999999; expected a whole number from 1 to 4294967296",
                "\"limits\":{\"output_bytes\":\"12\"}  | /limits/output_bytes: '12'; expected a whole number from 1 to 1073741824",
                "\"limits\":{\"max_concurrency\":0}    | /limits/max_concurrency: the number 0; expected a whole number from 1 to 4096",
                "\"limits\":{\"queue\":-1}             | /limits/queue: the number -1; expected a whole number from 0 to 1000000",
                "\"limits\":{\"var_bytes\":1e10}       | /limits/var_bytes: the number 1e10; expected a whole number from 0 to 1073741824",
                "\"limits\":{\"calls\":1}              | /limits/calls: unknown member; expected one of http_response_bytes, max_concurrency, memory_bytes, output_bytes, queue, timeout_ms, var_bytes",
                "\"dependencies\":[\"a\"]  | /dependencies: an array; expected an object, as {\"hello\":\"^1.2\"}",
                "\"dependencies\":{\"A\":\"1\"} | /dependencies: the member 'A'; expected ID_RULE",
                "\"dependencies\":{\"a\":\">=1\"} | /dependencies/a: '>=1'; expected RANGE_RULE",
                "\"dependencies\":{\"a\":1}     | /dependencies/a: the number 1; expected RANGE_RULE",
                "\"dependencies\":{\"a\":\"[2,1]\"} | /dependencies/a: '[2,1]'; expected a range that some version is in",
                "\"dependencies\":{\"a\":\"[1,1)\"} | /dependencies/a: '[1,1)'; expected a range that some version is in",
                "\"error_budget\":5        | /error_budget: the number 5; expected an object with the errors that may happen",
                "\"error_budget\":{\"calls\":1} | /error_budget/errors: missing; expected a whole number from 0 to 1000000",
                "\"error_budget\":{\"errors\":1,\"calls\":0} | /error_budget/calls: the number 0; expected a whole number from 1 to 1000000000",
                "\"error_budget\":{\"errors\":1,\"seconds\":86401} | /error_budget/seconds: the number 86401; expected a whole number from 1 to 86400",
                "\"error_budget\":{\"errors\":1,\"minutes\":1} | /error_budget/minutes: unknown member; expected one of calls, errors, seconds",
                "\"selftest\":\"handle\"     | /selftest: 'handle'; expected an object with the func to call",
                "\"selftest\":{}           | /selftest/func: missing; expected a string of 1 to 256 characters, none a control character",
                "\"selftest\":{\"func\":\"f\",\"calls\":2}  | /selftest/calls: unknown member; expected one of expect, func, payload",
                "\"warmup\":{\"func\":\"f\",\"calls\":0}    | /warmup/calls: the number 0; expected a whole number from 1 to 1000000",
                "\"capabilities\":{\"net\":[\"http://a\"]} | /capabilities/net/0: 'http://a'; expected 'host' or 'host:port', as 'api.example.com:443'; a * stands for any characters",
                "\"isolation\":\"jvm\"     | /isolation: 'jvm'; expected 'process' or 'in-process'",
                "\"isolation\":null        | /isolation: null; expected 'process' or 'in-process'",
                "\"group\":\"Team A\"      | /group: 'Team A'; expected the name of a group: a lower-case letter, then up to 62 lower-case letters, digits or hyphens",
                "\"config\":{\"a\":1}      | /config/a: the number 1; expected a string of up to 65536 characters",
                "\"config\":{\"\":\"1\"}   | /config: the member ''; expected a string of 1 to 128 characters, none a control character",
                "\"instances\":\"many\"    | /instances: 'many'; expected 'pooled' or 'stateful' or 'fresh'",
                "\"X-note\":1              | /X-note: unknown member; expected one of abi, capabilities, config, dependencies, description, entry, error_budget, functions, group, host, id, instances, isolation, limits, manifest_version, name, plugin_type, selftest, version, warmup",
            })
    void memberThatIsWrong_isNamedWithItsPlaceAndTheRule(String member, String message) {
        String name = member.startsWith("\"name\"") ? "" : "\"name\":\"Hello\",";
        String type = member.startsWith("\"plugin_type\"") ? "" : "\"plugin_type\":\"wasm\",";

        assertRefused(
                "{" + name + type + member + "}",
                "hello.json: " + message.replace("ID_RULE", ID_RULE).replace("RANGE_RULE", RANGE_RULE));
    }

    @Test
    void callsOfTheHost_haveThePayloadThatAClientWouldSend() {
        PluginManifest manifest = parse("""
                {"name":"x","plugin_type":"wasm",
                 "selftest":{"func":"handle","payload":"é","expect":{ "a" : [1.50, null] }},
                 "warmup":{"func":"other","payload":null}}""");

        PluginManifest.SelfTest selftest = manifest.selftest().orElseThrow();
        assertThat(selftest.func()).isEqualTo("handle");
        assertThat(selftest.payload()).isEqualTo("é".getBytes(UTF_8));
        assertThat(selftest.expect()).hasValue("{\"a\":[1.50,null]}".getBytes(UTF_8));
        PluginManifest.WarmUp warmup = manifest.warmup().orElseThrow();
        assertThat(warmup.func()).isEqualTo("other");
        assertThat(warmup.payload()).isEmpty();
        assertThat(warmup.calls()).isEqualTo(10_000);
    }

    @Test
    void nativeManifest_hasTheNativeAbi() {
        assertThat(parse("{\"abi\":\"native-1\",\"name\":\"x\",\"plugin_type\":\"native\"}")
                        .abi())
                .contains("native-1");
        assertRefused(
                "{\"abi\":\"bytes\",\"name\":\"x\",\"plugin_type\":\"native\"}",
                "hello.json: /abi: 'bytes'; expected 'native-1'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`{}`                                | /name: missing; expected a string of 1 to 128 characters, none a control character",
                "`{\"name\":\"x\"}`                  | /plugin_type: missing; expected 'wasm' or 'native'",
                "``                                  | an empty file; expected one JSON object",
                "` `                                 | an empty file; expected one JSON object",
                "`[]`                                | an array; expected one JSON object",
                "null                                | null; expected one JSON object",
                "`\ufeff{}`                          | a byte order mark; expected a JSON object from the first byte on",
                "`{} {}`                             | more text after the JSON object; expected one JSON object",
                "`{\"name\":\"\\ud800\"}`            | /name: half of a surrogate pair; expected whole Unicode characters",
                "`{\"x-a\":[\"\\udc00\"]}`           | /x-a/0: half of a surrogate pair; expected whole Unicode characters",
            })
    void documentThatIsWrong_isRefused(String manifest, String message) {
        assertRefused(manifest, "hello.json: " + message);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{",
                "{\"name\":\"x\",\"name\":\"x\",\"plugin_type\":\"wasm\"}",
                "{\"x-a\":{\"b\":1,\"b\":2}}",
                "{'name':'x'}",
                "{\"x-a\":NaN}",
                "{\"x-a\":01}",
                "{\"name\":\"x\",}",
                "// comment\n{}",
                "{\"name\":\"a\nb\"}",
            })
    void textThatIsNotStrictJson_isRefusedWithItsPlace(String manifest) {
        assertThatThrownBy(() -> parse(manifest))
                .hasMessageMatching("hello\\.json: line \\d+, column \\d+: .+; expected strict JSON")
                .hasMessageNotContainingAny("Source:", "Feature", "`");
    }

    @Test
    void deepNestingAndLongNumbers_areRefused() {
        String deep = "{\"x-a\":" + "[".repeat(31) + "]".repeat(31) + ",\"name\":\"x\",\"plugin_type\":\"wasm\"}";
        assertThat(parse(deep).name()).isEqualTo("x");
        assertThatThrownBy(() -> parse("{\"x-a\":" + "[".repeat(100_000))).hasMessageContaining("strict JSON");
        assertThatThrownBy(() -> parse("{\"x-a\":" + "1".repeat(1000) + "}")).hasMessageContaining("strict JSON");
    }

    @Test
    void invalidUtf8_isRefused() {
        assertThatThrownBy(() -> parser.parse("{\"name\":\"\u00ff\"}".getBytes(ISO_8859_1), "hello.json"))
                .hasMessage("hello.json: bytes that are not UTF-8; expected JSON in UTF-8");
    }

    @Test
    void longManifest_isRefusedByItsLength() {
        assertThatThrownBy(() -> parser.parse(new byte[JsonText.MAX_BYTES + 1], "hello.json"))
                .hasMessage("hello.json: 1048577 bytes; expected at most 1048576 bytes");
    }

    @Test
    void longText_isShownShort() {
        assertThatThrownBy(() -> parse("{\"name\":\"x\",\"plugin_type\":\"" + "y".repeat(1 << 19) + "\"}"))
                .hasMessage("hello.json: /plugin_type: '" + "y".repeat(80) + "...'; expected 'wasm' or 'native'");
        assertThatThrownBy(() -> parse("{\"" + "y".repeat(1 << 19) + "\":1}"))
                .message()
                .hasSizeLessThan(1000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"1", "1.0", "1.0.0.x-1", "[1,2)", "(0.1.0,1.0.0]"})
    void hostRange_isOneOfOsgi(String range) {
        assertThat(parse("{\"name\":\"x\",\"plugin_type\":\"wasm\",\"host\":\"" + range + "\"}")
                        .hostRange())
                .hasValueSatisfying(text -> assertThat(new VersionRange(text)).isNotNull());
    }

    @Test
    void errorBudget_isWatchedForAMinuteOrAThousandCalls() {
        assertThat(parse("{\"name\":\"x\",\"plugin_type\":\"native\",\"error_budget\":{\"errors\":3}}")
                        .errorBudget())
                .contains(new ErrorBudget(3, 1000, Duration.ofMinutes(1)));
    }

    @ParameterizedTest
    @CsvSource({
        "hello.wasm, hello, WASM",
        "libhello.wasm, libhello, WASM",
        "Word Count.2.WASM, Word Count.2, WASM",
        "libhello.so, hello, NATIVE",
        "hello.dll, hello, NATIVE",
        "libhello.dylib, hello, NATIVE",
    })
    void fileWithoutManifest_isNamedAfterItself(String file, String name, PluginType type) {
        assertThat(parser.infer(file)).isEqualTo(PluginManifest.ofBase(name, "0", "", type, ""));
    }

    @ParameterizedTest
    @ValueSource(strings = {"hello", "hello.txt", "wasm", "hello.so.1", ""})
    void fileWhoseExtensionSaysNoType_isRefused(String file) {
        assertThatThrownBy(() -> parser.infer(file))
                .hasMessage(file + ": no manifest, and an extension that says no type; expected .wasm, .so, .dll or "
                        + ".dylib, or a manifest with plugin_type");
    }

    @ParameterizedTest
    @ValueSource(strings = {".wasm", "lib.so", "a\u202eb.wasm"})
    void fileWithoutAProperName_isRefused(String file) {
        assertThatThrownBy(() -> parser.infer(file)).hasMessageContaining(": /name: ");
    }

    private PluginManifest parse(String manifest) {
        return parser.parse(manifest.getBytes(UTF_8), "hello.json");
    }

    private void assertRefused(String manifest, String message) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> parse(manifest))
                .withMessage(message)
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.MANIFEST_INVALID);
    }
}
