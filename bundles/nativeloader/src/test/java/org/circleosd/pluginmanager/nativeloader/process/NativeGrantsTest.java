package org.circleosd.pluginmanager.nativeloader.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class NativeGrantsTest {

    @Test
    void grants_areWhatAProcessCanBeGiven() {
        NativeGrants grants = NativeGrants.of(List.of(
                new CapabilityGrant(
                        "fs",
                        "[{\"name\":\"data\",\"access\":\"ro\",\"path\":\"/srv/data\"},"
                                + "{\"name\":\"out\",\"access\":\"rw\",\"path\":\"/srv/out\",\"quota_bytes\":5}]"),
                new CapabilityGrant("env", "{\"LANG\":\"C\"}"),
                new CapabilityGrant("net", "[\"*\"]"),
                new CapabilityGrant("kv", "{}"),
                new CapabilityGrant("clock", "true")));

        assertThat(grants.folders())
                .containsExactly(
                        new NativeGrants.Folder("data", Path.of("/srv/data"), false),
                        new NativeGrants.Folder("out", Path.of("/srv/out"), true));
        assertThat(grants.settings()).isEqualTo(Map.of("fs.data", "/srv/data", "fs.out", "/srv/out"));
        assertThat(grants.environment()).isEqualTo(Map.of("LANG", "C"));
        assertThat(grants.network()).isTrue();
        assertThat(grants.needNoProcessOfTheirOwn()).isFalse();
    }

    @Test
    void nothingThatConfinesOtherwise_takesASpare() {
        assertThat(NativeGrants.of(List.of(new CapabilityGrant("kv", "{}"))).needNoProcessOfTheirOwn())
                .isTrue();
        assertThat(NativeGrants.of(List.of())).isEqualTo(NativeGrants.NONE);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "net | [\"api.example.com\"] | cannot be held to certain hosts",
                "fs | [{\"name\":\"tmp\",\"access\":\"rw\"}] | sees folders of the host only",
            })
    void grantThatCannotBeEnforced_isRefused(String kind, String scope, String reason) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> NativeGrants.of(List.of(new CapabilityGrant(kind, scope))))
                .withMessageContaining(reason)
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.CAPABILITY_DENIED);
    }
}
