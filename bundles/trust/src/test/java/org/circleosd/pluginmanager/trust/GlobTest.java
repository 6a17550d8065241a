package org.circleosd.pluginmanager.trust;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobTest {

    @ParameterizedTest
    @CsvSource({
        "hello,      hello,   true",
        "hello,      hell,    false",
        "hello,      hellos,  false",
        "*,          '',      true",
        "'',         '',      true",
        "'',         a,       false",
        "a*c,        ac,      true",
        "a*c,        abcbc,   true",
        "a*c,        abcb,    false",
        "*.org,      a.b.org, true",
        "*.org,      org,     false",
        "a**b*,      axb,     true",
        "a.c,        abc,     false",
        "[ab],       a,       false",
    })
    void star_standsForAnyCharacters(String pattern, String text, boolean expected) {
        assertThat(new Glob(pattern).matches(text)).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource({
        "*,       a*b,     true",
        "*.org,   *.a.org, true",
        "a*,      *,       false",
        "*.a.org, *.org,   false",
        "a*c,     a*b*c,   true",
        "a*b*c,   a*c,     false",
    })
    void widerPattern_coversTheNarrower(String wide, String narrow, boolean expected) {
        assertThat(new Glob(wide).covers(new Glob(narrow))).isEqualTo(expected);
    }

    @Test
    @Timeout(10)
    void manyStars_takeNoLongTime() {
        String text = "a".repeat(250);
        long start = System.nanoTime();

        assertThat(new Glob("*a".repeat(120) + "*b").matches(text)).isFalse();

        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }
}
