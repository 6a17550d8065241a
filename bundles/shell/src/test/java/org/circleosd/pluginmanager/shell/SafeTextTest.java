package org.circleosd.pluginmanager.shell;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SafeTextTest {

    @ParameterizedTest
    @ValueSource(strings = {"hello", "Größe 10 €", "日本語", "a\\b", "\uD83D\uDE00"})
    void readableText_staysAsItIs(String text) {
        assertThat(SafeText.line(text)).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource({
        "1b, \\u001b",
        "07, \\u0007",
        "0a, \\u000a",
        "85, \\u0085",
        "9b, \\u009b",
        "202e, \\u202e",
        "2066, \\u2066",
        "200b, \\u200b",
        "2028, \\u2028",
        "feff, \\ufeff",
        "e000, \\ue000",
        "d800, \\ud800",
        "e0041, \\u{e0041}"
    })
    void characterThatActsOnTerminals_isShownAsNumber(String hex, String shown) {
        String text = "a" + Character.toString(Integer.parseInt(hex, 16)) + "b";

        assertThat(SafeText.line(text)).isEqualTo("a" + shown + "b");
    }

    @Test
    void newlineAndTab_stayInTextOfSeveralLines() {
        assertThat(SafeText.lines("a\n\tb\r\u001b[2J")).isEqualTo("a\n\tb\\u000d\\u001b[2J");
    }
}
