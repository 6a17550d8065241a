package org.circleosd.pluginmanager.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.Map;
import org.circleosd.pluginmanager.api.Capability;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.ManifestLimits;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginManifest.LinkedModule;
import org.circleosd.pluginmanager.api.PluginManifest.Source;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.Sha256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExtismManifestTest {

    private static final String DIGEST = "a".repeat(64);
    private static final String ABC = "\"data\":\"YWJj\"";
    private static final String ABC_DIGEST = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

    @Test
    void oneModule_isThePlugin() {
        PluginManifest manifest = parse("{\"wasm\":[{\"path\":\"build/count_vowels.wasm\"}]}");

        assertThat(manifest.name()).isEqualTo("count_vowels");
        assertThat(manifest.version()).isEqualTo("0");
        assertThat(manifest.type()).isEqualTo(PluginType.WASM);
        assertThat(manifest.entry()).isEqualTo("count_vowels.wasm");
        assertThat(manifest.abi()).contains("extism");
        assertThat(manifest.limits()).isEqualTo(ManifestLimits.NONE);
        assertThat(manifest.instances()).isEmpty();
        assertThat(manifest.capabilities()).isEmpty();
        assertThat(manifest.modules()).isEmpty();
        assertThat(manifest.sha256()).isEmpty();
    }

    @Test
    void everyMember_findsItsPlace() {
        PluginManifest manifest = parse("""
                {"wasm":[{"path":"a.wasm","hash":"%s","name":null}],
                 "memory":{"max_pages":16,"max_http_response_bytes":100,"max_var_bytes":0},
                 "config":{"vowels":"aeiou"},"allowed_hosts":["*.example.com","api.example.org"],
                 "allowed_paths":{},"timeout_ms":250}""".formatted(DIGEST.toUpperCase(java.util.Locale.ROOT)));

        assertThat(manifest.sha256()).contains(new Sha256(DIGEST));
        assertThat(manifest.limits().memoryBytes()).hasValue(16 * 65_536L);
        assertThat(manifest.limits().httpResponseBytes()).hasValue(100);
        assertThat(manifest.limits().varBytes()).hasValue(0);
        assertThat(manifest.limits().timeout()).contains(Duration.ofMillis(250));
        assertThat(manifest.config()).isEqualTo(Map.of("vowels", "aeiou"));
        assertThat(manifest.capabilities())
                .containsExactly(new Capability("net", "[\"*.example.com\",\"api.example.org\"]"));
    }

    @Test
    void nullsAndLargeLimits_areTakenAsExtismTakesThem() {
        PluginManifest manifest = parse("""
                {"wasm":[{"path":"a.wasm","hash":null}],"memory":{"max_pages":4294967295,"max_var_bytes":null},
                 "allowed_hosts":null,"allowed_paths":null,"timeout_ms":9000000000}""");

        assertThat(manifest.limits().memoryBytes()).hasValue(1L << 32);
        assertThat(manifest.limits().timeout()).contains(Duration.ofHours(1));
        assertThat(manifest.limits().varBytes()).isEmpty();
        assertThat(manifest.capabilities()).isEmpty();
    }

    @Test
    void severalModules_areLinkedInTheirOrder() {
        PluginManifest manifest = parse("""
                {"wasm":[{"path":"lib/b.wasm","hash":"%s"},{"path":"code.wasm","name":"main"},
                         {"data":"YWJj","name":"extism:host/user"}]}""".formatted(DIGEST));

        assertThat(manifest.name()).isEqualTo("code");
        assertThat(manifest.modules()).hasSize(2);
        LinkedModule file = manifest.modules().get(0);
        assertThat(file.name()).isEqualTo("b");
        assertThat(file.source()).isEqualTo(new Source.File("lib/b.wasm"));
        assertThat(file.sha256()).contains(new Sha256(DIGEST));
        LinkedModule inline = manifest.modules().get(1);
        assertThat(inline.name()).isEqualTo("extism:host/user");
        assertThat(inline.source()).isInstanceOfSatisfying(Source.Inline.class, source -> assertThat(source.bytes())
                .isEqualTo("abc".getBytes(UTF_8)));
        assertThat(inline.sha256()).contains(new Sha256(ABC_DIGEST));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{\"path\":\"a.wasm\"},{\"path\":\"b.wasm\"}                     | b",
                "{\"path\":\"main.wasm\"},{\"path\":\"b.wasm\"}                  | main",
                "{\"path\":\"c.wasm\",\"name\":\"main\"},{\"path\":\"b.wasm\"}   | c",
                "{\"data\":\"\"}                                                 | conf",
            })
    void mainModule_isTheNamedOneOrTheLast(String modules, String name) {
        assertThat(parse("{\"wasm\":[" + modules + "]}").name()).isEqualTo(name);
    }

    @Test
    void dataOfTheMainModule_saysWhatThePluginFileMustBe() {
        assertThat(parse("{\"wasm\":[{" + ABC + "}]}").sha256()).contains(new Sha256(ABC_DIGEST));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"wasm\":[]                                    | /wasm: no module; expected at least one, as [{\"path\":\"plugin.wasm\"}]",
                "\"wasm\":[1]                                   | /wasm/0: the number 1; expected an object with the path or the data of a module",
                "\"wasm\":[{}]                                  | /wasm/0: neither path nor data; expected one of them",
                "\"wasm\":[{\"path\":\"a\",\"data\":\"\"}]      | /wasm/0: both path and data; expected one of them",
                "\"wasm\":[{\"path\":\"a\",\"method\":\"GET\"}] | /wasm/0/method: a member of a module with a url; expected none; remove it",
                "\"wasm\":[{\"path\":\"a\",\"size\":1}]         | /wasm/0/size: unknown member; expected one of data, hash, headers, method, name, path, url",
                "\"wasm\":[{\"url\":\"https://a/b.wasm\"}]      | /wasm/0/url: 'https://a/b.wasm'; expected a \"path\" or \"data\": this host downloads no code. Download the file, check it, and name its path",
                "\"wasm\":[{\"path\":\"a\",\"hash\":\"12\"}]    | /wasm/0/hash: '12'; expected a SHA-256 of 64 hexadecimal digits",
                "\"wasm\":[{\"data\":\"*\"}]                    | /wasm/0/data: '*'; expected the bytes of a module in base64",
                "\"wasm\":[{ABC,\"hash\":\"DIGEST\"}]           | /wasm/0/hash: 'DIGEST'; expected the SHA-256 of the data, which is "
                        + ABC_DIGEST,
                "\"wasm\":[{\"path\":\"x/a.wasm\"},{\"path\":\"a.wasm\"}] | /wasm/1: another module named 'a'; expected each name once",
                "\"wasm\":[{ABC}],\"wsam\":1                    | /wsam: unknown member; expected one of allowed_hosts, allowed_paths, config, memory, timeout_ms, wasm",
                "\"wasm\":[{ABC}],\"memory\":{\"max\":1}        | /memory/max: unknown member; expected one of max_http_response_bytes, max_pages, max_var_bytes",
                "\"wasm\":[{ABC}],\"memory\":{\"max_pages\":0}  | /memory/max_pages: the number 0; expected a whole number from 1 to 4294967295",
                "\"wasm\":[{ABC}],\"config\":{\"a\":1}          | /config/a: the number 1; expected a string of up to 65536 characters",
                "\"wasm\":[{ABC}],\"allowed_hosts\":[\"a b\"]   | /allowed_hosts/0: 'a b'; expected 'host' or 'host:port', as 'api.example.com:443'; a * stands for any characters",
                "\"wasm\":{}                                    | /wasm: unknown member; expected one of abi, capabilities, config, dependencies, description, entry, error_budget, functions, group, host, id, instances, isolation, limits, manifest_version, name, plugin_type, selftest, version, warmup",
            })
    void memberThatIsWrong_isNamedWithItsPlaceAndTheRule(String members, String message) {
        String filled = members.replace("ABC", ABC).replace("DIGEST", DIGEST);

        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> parse("{" + filled + "}"))
                .withMessage("conf.json: " + message.replace("'DIGEST'", "'" + DIGEST + "'"))
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.MANIFEST_INVALID);
    }

    @Test
    void pathsOfTheHost_areRefusedWithWhatToWriteInstead() {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> parse("{\"wasm\":[{\"path\":\"a.wasm\"}],\"allowed_paths\":{\"/srv\":\"/data\"}}"))
                .withMessageStartingWith("conf.json: /allowed_paths: paths of the host; expected none")
                .withMessageContaining("\"abi\":\"extism\"")
                .withMessageContaining("grants.json");
    }

    private static PluginManifest parse(String manifest) {
        return new JsonManifestParser().parse(manifest.getBytes(UTF_8), "conf.json");
    }
}
