package org.circleosd.pluginmanager.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.time.Instant;
import java.util.LinkedHashMap;
import java.util.Map;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.Sha256;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PluginRecordTest {

    private static final String A = "a".repeat(64);
    private static final String B = "b".repeat(64);

    @Test
    void record_isReadAsItWasWritten() {
        Map<String, Sha256> linked = new LinkedHashMap<>();
        linked.put("z é\n", new Sha256(B));
        linked.put("a b", new Sha256(A));
        PluginRecord record = new PluginRecord(
                new PluginId("one"),
                Path.of("/x/one.wasm"),
                new Sha256(A),
                linked,
                Instant.parse("2026-01-02T03:04:05.678Z"),
                Instant.parse("2026-01-03T03:04:05.678Z"),
                "{\"name\":\"Öne\"}",
                "conf.json",
                false,
                "Öne",
                "1",
                "",
                PluginType.WASM);

        PluginRecord read = PluginRecord.decode("one", record.encode());

        assertThat(read).isEqualTo(record);
        assertThat(read.linked().keySet()).containsExactly("z é\n", "a b");
        assertThat(read.source().origin()).isEqualTo("conf.json");
    }

    @Test
    void recordOfTheFirstVersion_isStillRead() {
        PluginRecord read = PluginRecord.decode("one", old("").getBytes(UTF_8));

        assertThat(read.linked()).isEmpty();
        assertThat(read.manifestOrigin()).isEqualTo("one.wasm");
        assertThat(read.type()).isEqualTo(PluginType.NATIVE);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "module.0=x",
                "module.0=x y",
                "sha256=x",
                "loaded_at=today",
                "plugin_type=jar",
                "enabled=maybe",
                "upgraded_at=today"
            })
    void damagedRecord_isRefused(String line) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> PluginRecord.decode("one", old(line).getBytes(UTF_8)))
                .withMessageStartingWith("the record of plugin 'one' cannot be read: ")
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.STATE_CORRUPT);
    }

    private static String old(String more) {
        return "path=/x/one.wasm\nsha256=" + A + "\nloaded_at=2026-01-02T03:04:05Z\nmanifest={}\nname=one\nversion=1\n"
                + "description=\nplugin_type=native\n" + more + "\n";
    }
}
