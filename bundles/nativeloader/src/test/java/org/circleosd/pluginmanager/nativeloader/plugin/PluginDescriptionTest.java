package org.circleosd.pluginmanager.nativeloader.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class PluginDescriptionTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "{}|",
                "{\"functions\":[]}|",
                "{\"functions\":[{\"name\":\"b\"},{\"name\":\"a\",\"doc\":\"x\"},{\"name\":\"a\"}]}|a,b",
                "{\"functions\":[{\"name\":1},{\"doc\":{\"name\":\"no\"}}]}|",
                "{\"nested\":{\"functions\":[{\"name\":\"no\"}]},\"functions\":[{\"name\":\"yes\"}]}|yes",
                "{\"functions\":\"none\",\"threading\":\"serial\"}|"
            })
    void description_givesItsFunctionsSorted(String json, String names) {
        assertThat(String.join(",", PluginDescription.parse(json).functions())).isEqualTo(names == null ? "" : names);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "x", "[]", "{", "{\"functions\":[", "{\"functions\":[1]}", "{\"functions\":[{\"name\":\"a\""
            })
    void textThatIsNoDescription_isRefusedWithAReason(String json) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PluginDescription.parse(json))
                .satisfies(e -> assertThat(e.getMessage()).isNotBlank());
    }

    @Test
    void deepNesting_isRefused() {
        assertThatIllegalArgumentException().isThrownBy(() -> PluginDescription.parse("{\"x\":" + "[".repeat(100_000)));
    }

    @Test
    void tooManyFunctions_areRefused() {
        String functions = IntStream.range(0, 1002)
                .mapToObj(i -> "{\"name\":\"f" + i + "\"}")
                .collect(Collectors.joining(","));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> PluginDescription.parse("{\"functions\":[" + functions + "]}"))
                .withMessage("functions: more than 1000");
    }
}
