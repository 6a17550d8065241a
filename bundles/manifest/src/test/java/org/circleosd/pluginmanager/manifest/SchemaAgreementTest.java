package org.circleosd.pluginmanager.manifest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.harrel.jsonschema.Validator;
import dev.harrel.jsonschema.ValidatorFactory;
import dev.harrel.jsonschema.providers.JacksonNode;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.circleosd.pluginmanager.api.PluginException;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The parser and {@code docs/manifest.schema.json} take the same manifests and refuse the same. */
@Timeout(300)
class SchemaAgreementTest {

    private static final int MANIFESTS = 3000;
    private static final ObjectMapper JSON = new ObjectMapper();

    /** Every member with a good value. */
    private static final String FULL = """
            {"name":"Hello","version":"0.1","description":"says hello","plugin_type":"wasm","entry":"hello.wasm",
             "manifest_version":1,"id":"hello","abi":"bytes","host":"[0.1,1)",
             "functions":[{"name":"handle","description":"","input":{"type":"string"},"output":true},{"name":"other"}],
             "capabilities":{"fs":[{"name":"data","access":"ro","quota_bytes":1}],"env":["HOME"],
                             "net":["api.example.com:443"],"kv":{"quota_bytes":65536},"call":["other"],
                             "clock":"coarse","random":true,"log":false},
             "limits":{"memory_bytes":65536,"timeout_ms":100,"output_bytes":1024,"max_concurrency":4,"queue":0,
                       "http_response_bytes":0,"var_bytes":1},
             "config":{"greeting":"hi"},"dependencies":{"other":"^1.2","third":"[1.0,2.0)"},
             "error_budget":{"errors":5,"calls":100,"seconds":10},"instances":"fresh","isolation":"in-process","group":"team-a",
             "selftest":{"func":"handle","payload":{"a":1},"expect":"ok"},
             "warmup":{"func":"handle","payload":"a","calls":100},"x-note":[1]}""";

    private static final List<String> VALUES = new ArrayList<>(List.of(
            "null true false 0 1 -1 1.5 1.0 1e3 100 4096 4097 1000000 1000001 4294967296 4294967297 3600001 1073741825 1099511627777 99999999999999999999"
                    .split(" ")));

    private static final String[] TEXTS = {
        "",
        "a",
        "A",
        "-",
        "wasm",
        "native",
        "bytes",
        "raw",
        "wasi-command",
        "native-1",
        "extism",
        "component",
        "pooled",
        "stateful",
        "fresh",
        "process",
        "in-process",
        "in_process",
        "ro",
        "rw",
        "none",
        "fine",
        "data",
        "Data",
        "HOME",
        "1HOME",
        "a b",
        ".",
        "..",
        "a..b",
        "a.b",
        "a/b",
        "a\\\\b",
        "/",
        "x\\n",
        "x\\u0000",
        "\\u202e",
        "\\ufeffx",
        "\\u2028",
        "\\u0085",
        "\\t",
        "1",
        "1.0",
        "1.0.0.x-1",
        "1.",
        "1.0.0.0.0",
        "[1,2)",
        "(1.0,2.0]",
        "[1,2",
        "[1, 2)",
        "1,2",
        "1\\n",
        "^1.2.0-rc.1",
        "^",
        "1-rc",
        "1.0.0-",
        "1.0.0-a..b",
        "^[1,2)",
        "v1",
        "[0.0.1,0.0.1]",
        "[1,2)\\n",
        "host:1",
        "host:0",
        "*",
        "*.a.org:1",
        "a*",
        "*-",
        "host:99999",
        "host:123456",
        "-host:1",
        "a.b-c:80",
        "host",
        "data\\n",
        "id-1",
        "id-1\\n",
        "1id",
        "\\ud83d\\ude00"
    };

    private static Validator validator;
    private static URI schema;

    @BeforeAll
    static void readTheSchema() throws IOException {
        validator = new ValidatorFactory()
                .withJsonNodeFactory(new JacksonNode.Factory())
                .createValidator();
        schema = validator.registerSchema(Files.readString(Path.of("../../docs/manifest.schema.json")));
        for (String text : TEXTS) {
            VALUES.add('"' + text + '"');
        }
        for (int length : new int[] {63, 64, 65, 128, 129, 255, 256, 257, 4096, 4097, 65_536, 65_537}) {
            VALUES.add('"' + "a".repeat(length) + '"');
            VALUES.add('"' + "😀".repeat(length) + '"');
        }
        VALUES.addAll(List.of(
                "[]",
                "[1]",
                "[\"\"]",
                "[\"a\"]",
                "[\"HOME\",\"a b\"]",
                "[\"host:1\",null]",
                "[{}]",
                "{}",
                "{\"a\":1}",
                "{\"a\":\"b\"}",
                "{\"\":\"b\"}",
                "{\"a\\n\":\"b\"}",
                "{\"name\":\"x\"}",
                "[{\"name\":\"x\"}]",
                "[{\"name\":\"data\",\"access\":\"rw\"}]",
                "[{\"name\":\"data\",\"access\":\"wo\"}]",
                "[{\"name\":\"x\",\"extra\":1}]",
                "{\"quota_bytes\":0}",
                "{\"quota_bytes\":1}",
                "{\"timeout_ms\":1}",
                "{\"max_concurrency\":1}",
                "{\"queue\":1}",
                "{\"func\":\"f\"}",
                "{\"func\":\"f\",\"payload\":null,\"expect\":null}",
                "{\"func\":\"f\",\"calls\":1000000}",
                "{\"func\":\"f\",\"calls\":1000001}",
                "{\"var_bytes\":0}",
                "{\"errors\":0}",
                "{\"errors\":1,\"calls\":1}",
                "{\"seconds\":1}",
                "{\"a\":\"0\"}",
                "{\"random\":false}",
                "{\"gpu\":true}"));
    }

    @Test
    void generatedManifests_areTakenOrRefusedByBoth() throws IOException {
        Random random = new Random(20261123);
        int taken = 0;
        for (int i = 0; i < MANIFESTS; i++) {
            String manifest = generate(random).toString();
            boolean bySchema = validator.validate(schema, manifest).isValid();
            String byParser = refusal(manifest);

            assertThat(byParser == null)
                    .as("schema: %s, parser: %s, manifest: %.2000s", bySchema, byParser, manifest)
                    .isEqualTo(bySchema);
            taken += bySchema ? 1 : 0;
        }
        // Neither side may win by refusing or taking everything.
        assertThat(taken).isBetween(MANIFESTS / 10, MANIFESTS * 9 / 10);
    }

    private static ObjectNode generate(Random random) throws IOException {
        ObjectNode manifest = (ObjectNode) JSON.readTree(FULL);
        List<String> names = new ArrayList<>();
        manifest.fieldNames().forEachRemaining(names::add);
        for (String name : names) {
            boolean isBase = name.equals("name") || name.equals("plugin_type");
            if (!isBase && random.nextInt(3) == 0) {
                manifest.remove(name);
            }
        }
        if (manifest.has("abi") && random.nextInt(8) == 0) {
            manifest.put("plugin_type", "native");
            manifest.put("abi", random.nextBoolean() ? "native-1" : "bytes");
        }
        if (random.nextInt(12) == 0) {
            manifest.put(
                    List.of("dependency", "wasm", "groups", "x-", "x", "Name").get(random.nextInt(6)), "x");
        }
        if (random.nextInt(4) != 0) {
            damage(manifest, random);
        }
        return manifest;
    }

    /** Goes down to a random place and changes what is there. */
    private static void damage(JsonNode place, Random random) throws IOException {
        JsonNode value = JSON.readTree(VALUES.get(random.nextInt(VALUES.size())));
        if (place instanceof ObjectNode object && !object.isEmpty()) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = names.get(random.nextInt(names.size()));
            if (object.get(name).isContainerNode() && !object.get(name).isEmpty() && random.nextInt(4) != 0) {
                damage(object.get(name), random);
            } else if (random.nextInt(6) == 0) {
                object.remove(name);
            } else {
                object.set(name, value);
            }
        } else if (place instanceof ArrayNode array && !array.isEmpty()) {
            if (array.get(0).isContainerNode() && random.nextInt(3) != 0) {
                damage(array.get(0), random);
            } else {
                array.set(0, value);
            }
        }
    }

    private static String refusal(String manifest) {
        try {
            new JsonManifestParser().parse(manifest.getBytes(UTF_8), "m.json");
            return null;
        } catch (PluginException e) {
            return e.getMessage();
        }
    }
}
