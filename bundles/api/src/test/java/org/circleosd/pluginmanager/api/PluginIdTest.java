package org.circleosd.pluginmanager.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PluginIdTest {

    @ParameterizedTest
    @ValueSource(strings = {"", "Echo", "9lives", "../etc", "a b", "-a", "a_b"})
    void badId_isRejectedWithTheRule(String id) {
        assertThat(PluginId.isValid(id)).isFalse();
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> new PluginId(id))
                .withMessageContaining("[a-z]")
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.BAD_REQUEST);
    }

    @ParameterizedTest
    @CsvSource({
        "hello,hello",
        "Word Count 2,word-count-2",
        "Überraschung!,uberraschung",
        "3d--Viewer,d-viewer",
        "a/../b,a-b",
        "under_score,under-score"
    })
    void name_becomesASlug(String name, String id) {
        assertThat(PluginId.ofName(name)).isEqualTo(new PluginId(id));
    }

    @Test
    void longName_isCut() {
        assertThat(PluginId.ofName("x".repeat(200)).value()).hasSize(63);
    }

    @ParameterizedTest
    @ValueSource(strings = {"42", "***", "名前"})
    void nameWithoutLetters_isRejected(String name) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> PluginId.ofName(name))
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.MANIFEST_INVALID);
    }
}
