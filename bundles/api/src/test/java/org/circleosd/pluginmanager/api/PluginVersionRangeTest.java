package org.circleosd.pluginmanager.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PluginVersionRangeTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // range | in it | not in it
                "1.2         | 1.2 1.2.0 1.2.0.1 v1.3 2 99         | 1.1.9 0 1.2.0-beta any",
                "0           | 0 any 0.0.1 7                       | 0-alpha",
                "[1.0,2.0)   | 1 1.0.0 1.9.9 1.5-beta              | 0.9 1.0-rc 2 2.0.0 2.0-beta 2.0.1 3",
                "[1.0,2.0]   | 1.0 2.0 2.0-beta 1.99               | 2.0.0.1 2.0.1 0.9",
                "(1.0,2.0]   | 1.0.0.1 1.0.1 2                     | 1 1.0 2.1",
                "(1.0,2.0)   | 1.5                                 | 1.0 2.0",
                "[1.2,1.2]   | 1.2 1.2.0                           | 1.2.1 1.2-a",
                "^1.2        | 1.2 1.2.5 1.9 1.99.99               | 1.1 2.0 2.0-alpha 1.2-beta",
                "^1.2.3      | 1.2.3 1.3                           | 1.2.2 2",
                "^1          | 1 1.0 1.99                          | 0.9 2",
                "^0.3        | 0.3 0.3.9                           | 0.2 0.4 0.4.0-rc 1",
                "^0.3.1      | 0.3.1 0.3.9                         | 0.3.0 0.4",
                "^0.0.3      | 0.0.3 0.0.3.1                       | 0.0.2 0.0.4 0.1",
                "^0.0        | 0.0 0.0.9                           | 0.1",
                "^0          | 0 0.9                               | 1",
                "^1.2.0-rc.1 | 1.2.0-rc.1 1.2.0-rc.2 1.2 1.9       | 1.2.0-beta 2",
                "[1,2.0.0-rc) | 1 2-beta                           | 2-rc 2",
            })
    void range_hasTheVersionsBetweenItsBounds(String text, String in, String out) {
        PluginVersionRange range = new PluginVersionRange(text);

        assertThat(in.split(" ")).allMatch(version -> range.includes(new PluginVersion(version)));
        assertThat(out.split(" ")).noneMatch(version -> range.includes(new PluginVersion(version)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "^",
                "*",
                ">=1",
                "~1.2",
                "1.",
                "1.0.0.",
                "[1,2",
                "1,2",
                "[1, 2)",
                "[1)",
                "^[1,2)",
                "v1",
                "1-rc",
                "1234567890",
                "[1,2)\n",
                "[2,1]",
                "[1,1)",
                "(1,1]",
                "(1,1)"
            })
    void textThatIsNoRange_isRefused(String text) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> new PluginVersionRange(text))
                .withMessageContaining("version range '" + text + "'; expected one")
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.MANIFEST_INVALID);
    }
}
