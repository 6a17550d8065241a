package org.circleosd.pluginmanager.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ComponentFailuresTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "java.lang.reflect.InvocationTargetException\\n\\tat a.B\\nCaused by: java.lang.IllegalArgumentException: bad mode\\n\\tat c.D | bad mode",
                "java.lang.NumberFormatException: For input string: \"x\"\\n\\tat a.B | For input string: \"x\"",
                "'' | no reason given"
            })
    void stackTrace_givesItsLastCause(String trace, String reason) {
        assertThat(ComponentFailures.reason(trace.replace("\\n", "\n").replace("\\t", "\t")))
                .isEqualTo(reason);
    }
}
