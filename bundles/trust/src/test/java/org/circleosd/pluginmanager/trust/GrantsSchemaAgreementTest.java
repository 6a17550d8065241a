package org.circleosd.pluginmanager.trust;

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
import java.util.Locale;
import java.util.Random;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.json.Checked;
import org.circleosd.pluginmanager.json.Fault;
import org.circleosd.pluginmanager.json.JsonText;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The reader and {@code docs/grants.schema.json} take the same files and refuse the same. */
@Timeout(300)
class GrantsSchemaAgreementTest {

    private static final int FILES = 3000;
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String DIGEST = "a".repeat(64);

    /** Every member with a good value. */
    private static final String FULL = """
            {"policy_version":1,"x-note":[1],"rules":[
              {"match":{"name":"word*","sha256":"%s"},"x-why":"because",
               "grant":{"fs":{"data":{"path":"/srv","access":"ro","quota_bytes":1},
                              "tmp":{"memory":true,"quota_bytes":7,"access":"rw"}},
                        "net":["a.org:443","*"],"env":{"TZ":"UTC"},"kv":{"quota_bytes":1},"call":["other"]}},
              {"match":{"sha256":["%s"]},"grant":{"fs":{"x":{"memory":false,"path":"/","access":"rw"}}}}]}""".formatted(DIGEST, DIGEST);

    private static final List<String> VALUES = List.of(
            "null",
            "true",
            "false",
            "0",
            "1",
            "1.0",
            "2",
            "-1",
            "1e400",
            "1099511627776",
            "1099511627777",
            "\"\"",
            "\"a\"",
            "\"ro\"",
            "\"wo\"",
            "\"/\"",
            "\"/srv\\n\"",
            "\"srv\"",
            "\"/\\u0000\"",
            "\"../srv\"",
            "\"a b\"",
            "\"*\"",
            "\"host:1\"",
            "\"http://a\"",
            "\"\\u202e\"",
            "\"data\\n\"",
            "\"" + DIGEST + "\"",
            "\"" + DIGEST.toUpperCase(Locale.ROOT) + "\"",
            "\"" + DIGEST + "\\n\"",
            "\"/" + "a".repeat(4095) + "\"",
            "\"/" + "a".repeat(4096) + "\"",
            "\"" + "😀".repeat(128) + "\"",
            "\"" + "😀".repeat(129) + "\"",
            "\"" + "a".repeat(65_536) + "\"",
            "\"" + "a".repeat(65_537) + "\"",
            "[]",
            "[1]",
            "[\"a\"]",
            "[\"" + DIGEST + "\"]",
            "{}",
            "{\"a\":1}",
            "{\"A\":\"b\"}",
            "{\"name\":\"x\"}",
            "{\"quota_bytes\":0}",
            "{\"quota_bytes\":5}",
            "{\"memory\":true}",
            "{\"memory\":true,\"quota_bytes\":1}",
            "{\"memory\":true,\"quota_bytes\":1,\"path\":\"/\"}",
            "{\"memory\":false}",
            "{\"path\":\"/\",\"access\":\"ro\"}",
            "{\"data\":{\"path\":\"/\",\"access\":\"ro\"}}",
            "{\"Data\":{\"path\":\"/\",\"access\":\"ro\"}}",
            "{\"random\":true}");

    @Test
    void generatedFiles_areTakenOrRefusedByBoth() throws IOException {
        Validator validator = new ValidatorFactory()
                .withJsonNodeFactory(new JacksonNode.Factory())
                .createValidator();
        URI schema = validator.registerSchema(Files.readString(Path.of("../../docs/grants.schema.json")));
        Random random = new Random(20261123);
        int taken = 0;
        for (int i = 0; i < FILES; i++) {
            JsonNode file = JSON.readTree(FULL);
            for (int damages = random.nextInt(3); damages > 0; damages--) {
                damage(file, random);
            }
            String text = file.toString();
            boolean bySchema = validator.validate(schema, text).isValid();
            String byReader = refusal(text);

            assertThat(byReader == null)
                    .as("schema: %s, reader: %s, file: %.2000s", bySchema, byReader, text)
                    .isEqualTo(bySchema);
            taken += bySchema ? 1 : 0;
        }
        // Neither side may win by refusing or taking everything.
        assertThat(taken).isBetween(FILES / 10, FILES * 9 / 10);
    }

    /** Goes down to a random place and changes what is there. */
    private static void damage(JsonNode place, Random random) throws IOException {
        JsonNode value = JSON.readTree(VALUES.get(random.nextInt(VALUES.size())));
        if (place instanceof ObjectNode object && !object.isEmpty()) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = names.get(random.nextInt(names.size()));
            if (object.get(name).isContainerNode() && !object.get(name).isEmpty() && random.nextInt(6) != 0) {
                damage(object.get(name), random);
            } else if (random.nextInt(4) == 0) {
                object.remove(name);
            } else {
                object.set(name, value);
            }
        } else if (place instanceof ArrayNode array && !array.isEmpty()) {
            int at = random.nextInt(array.size());
            if (array.get(at).isContainerNode() && random.nextInt(6) != 0) {
                damage(array.get(at), random);
            } else {
                array.set(at, value);
            }
        }
    }

    private static @Nullable String refusal(String grants) {
        Fault fault = new Fault(ErrorCode.CAPABILITY_DENIED, "grants.json");
        try {
            GrantsReader.read(new Checked(JsonText.read(grants.getBytes(UTF_8), fault), "", fault));
            return null;
        } catch (PluginException e) {
            return e.getMessage();
        }
    }
}
