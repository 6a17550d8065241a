package org.circleosd.pluginmanager.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class LogRingTest {

    private final LogRing log = new LogRing();

    @Test
    void text_isSplitIntoLines() {
        log.append("one\ntwo\r\nthree");
        assertThat(log.lines()).containsExactly("one", "two", "three");
    }

    @Test
    void oldLines_go() {
        for (int i = 0; i < 5_000; i++) {
            log.append("line " + i);
        }
        assertThat(log.lines()).hasSize(1_000).endsWith("line 4999");
    }

    @Test
    void flood_isBounded() {
        log.append("x".repeat(10 << 20));
        log.append(("y".repeat(4_000) + "\n").repeat(1_000));
        assertThat(log.lines().stream().mapToInt(String::length).sum()).isLessThanOrEqualTo(256 << 10);
    }

    @Test
    void steeringCharacters_areShownEscaped() {
        log.append("\u001b[2Jred\u202etxt");
        assertThat(log.lines()).isEqualTo(List.of("\\u001b[2Jred\\u202etxt"));
    }
}
