package org.circleosd.pluginmanager.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.circleosd.pluginmanager.host.TestHost.assertCode;
import static org.circleosd.pluginmanager.host.TestHost.bytes;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Which keys there are, and how many bytes of values a plugin may keep. */
@Timeout(60)
class ValueLimitsTest {

    @TempDir
    Path dir;

    @AutoClose
    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = TestHost.open(dir);
    }

    @Test
    void replacementThatWouldKeepTooMuch_isRefused() throws IOException {
        KeyValues values = host.loadValues();
        host.runtime.opening = context -> {
            context.values().put("a", new byte[500]);
            // The former plugin goes on meanwhile.
            values.put("b", new byte[500]);
        };
        assertCode(ErrorCode.TOO_LARGE, () -> host.upgrade(host.file("next.wasm")));
        assertThat(host.keptValues()).containsOnlyKeys("b");
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
    }

    /** The quota is 1,000 bytes; an entry counts 64 beside its key and value. */
    @ParameterizedTest
    @CsvSource({
        "'', 1000, 935, true",
        "'', 1000, 936, false",
        "{}, 1000, 936, false",
        "'{\"quota_bytes\":100}', 100, 35, true",
        "'{\"quota_bytes\":100}', 100, 36, false",
        "'{\"quota_bytes\":100000}', 1000, 935, true",
        "'{\"quota_bytes\":100000}', 1000, 1001, false",
    })
    void quota_bindsToTheByte(String grant, long quota, int valueBytes, boolean fits) throws IOException {
        host.trust.grants = grant.isEmpty() ? List.of() : List.of(new CapabilityGrant("kv", grant));
        KeyValues values = host.loadValues();
        if (fits) {
            values.put("k", new byte[valueBytes]);
            assertCode(ErrorCode.TOO_LARGE, () -> values.put("l", new byte[0]));
        } else {
            assertThatExceptionOfType(PluginException.class)
                    .isThrownBy(() -> values.put("k", new byte[valueBytes]))
                    .withMessageContaining("quota is " + quota)
                    .extracting(PluginException::code)
                    .isEqualTo(ErrorCode.TOO_LARGE);
            assertThat(host.keptValues()).isEmpty();
        }
    }

    @Test
    void keysAreCountedInBytes() throws IOException {
        KeyValues values = host.loadValues();
        assertCode(ErrorCode.TOO_LARGE, () -> values.put("\u20ac", new byte[1_000 - 64 - 2]));
        values.put("\u20ac", new byte[1_000 - 64 - 3]);
    }

    @Test
    void valuesAboveALoweredQuota_stayAndMayShrink() throws IOException {
        host.loadValues().put("k", new byte[900]);
        host.trust.grants = List.of(new CapabilityGrant("kv", "{\"quota_bytes\":100}"));
        host.reopen();
        host.invoke("wait until it is back");
        KeyValues values = host.latestValues();
        assertCode(ErrorCode.TOO_LARGE, () -> values.put("l", bytes("1")));
        assertThat(values.get("k")).hasSize(900);
        values.put("k", new byte[99]);
        values.put("k", null);
        values.put("l", bytes("1"));
        assertThat(host.keptValues()).hasToString("{l=1}");
    }

    @Test
    void grantOfAnotherShape_isRefusedWithIt() {
        host.trust.grants = List.of(new CapabilityGrant("kv", "[1]"));
        assertCode(ErrorCode.CAPABILITY_DENIED, host::loadValues);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "\u0000", "\u007f", "\u0085", "\ud800"})
    void badKey_isRefused(String key) throws IOException {
        KeyValues values = host.loadValues();
        assertCode(ErrorCode.BAD_REQUEST, () -> values.put(key, bytes("1")));
        assertCode(ErrorCode.BAD_REQUEST, () -> values.get(key));
    }

    @Test
    void keyLength_isBoundedInBytes() throws IOException {
        KeyValues values = host.loadValues();
        values.put("k".repeat(255), bytes("1"));
        values.put("\u00e4".repeat(127), bytes("1"));
        assertCode(ErrorCode.BAD_REQUEST, () -> values.put("k".repeat(256), bytes("1")));
        assertCode(ErrorCode.BAD_REQUEST, () -> values.put("\u00e4".repeat(128), bytes("1")));
    }
}
