package org.circleosd.pluginmanager.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class RawAbiTest {

    private final Plugins plugins = new Plugins();

    @AfterEach
    void close() {
        plugins.close();
    }

    @Test
    void functions_areThoseOfNumbers() {
        LoadedPlugin plugin = plugins.load("numbers");
        assertThat(plugin.abi()).isEqualTo("raw");
        assertThat(plugin.functions())
                .containsExactly(
                        "add_f32", "add_f64", "add_i32", "add_i64", "deeper", "divide_f64", "nothing", "seven", "swap");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "add_i32    | [2, 40]                           | 42",
                "add_i32    | [2147483647, 1]                   | -2147483648",
                "add_i32    | [4294967295, 0]                   | -1",
                "add_i64    | [-9223372036854775808, 0]         | -9223372036854775808",
                "add_i64    | [18446744073709551615, 0]         | -1",
                "add_f32    | [0.5, 0.25]                       | 0.75",
                "add_f32    | [1e38, 1]                         | 1.0E38",
                "add_f64    | [0.1, 0.2]                        | 0.30000000000000004",
                "add_f64    | [1, 2]                            | 3.0",
                "add_f64    | [\"Infinity\", 1]                 | \"Infinity\"",
                "divide_f64 | [-1, 0]                           | \"-Infinity\"",
                "divide_f64 | [0, 0]                            | \"NaN\"",
                "add_f32    | [\"NaN\", 1]                      | \"NaN\"",
                "swap       | [1, 2]                            | [2,1]",
                "nothing    | []                                | []",
                "nothing    | ''                                | []",
                "seven      | ''                                | 7",
            })
    void numbers_goInAndOut(String function, String payload, String result) {
        assertThat(Plugins.text(plugins.load("numbers"), function, payload)).isEqualTo(result);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "add_i32 | ''                     | no JSON array",
                "add_i32 | 7                      | no JSON array",
                "add_i32 | {}                     | no JSON array",
                "add_i32 | [1]                    | only 1",
                "add_i32 | [1, 2, 3]              | more than 2",
                "add_i32 | [1, 2                  | text that is not JSON",
                "add_i32 | [1, 2] 3               | text after the array",
                "add_i32 | [1, x]                 | text that is not JSON",
                "add_i32 | [1, NaN]               | text that is not JSON",
                "add_i32 | [1, 2.0]               | argument 2 that is no integer",
                "add_i32 | [1, \"2\"]             | argument 2 that is no integer",
                "add_i32 | [[1], 2]               | argument 1 that is no integer",
                "add_i32 | [4294967296, 2]        | argument 1 outside the range of i32",
                "add_i32 | [-2147483649, 2]       | argument 1 outside the range of i32",
                "add_i64 | [1, 18446744073709551616] | argument 2 outside the range of i64",
                "add_f64 | [true, 1]              | argument 1 that is no number",
                "add_f64 | [\"1\", 1]             | argument 1 that is no number",
                "add_f64 | [1e400, 1]             | argument 1 outside the range of f64",
                "add_f32 | [1e39, 1]              | argument 1 outside the range of f32",
                "seven   | [1]                    | more than 0",
            })
    void badArguments_areRefusedWithWhatWasExpected(String function, String payload, String found) {
        LoadedPlugin plugin = plugins.load("numbers");
        String type = function.equals("seven") ? "" : function.substring(4);
        String expected = type.isEmpty()
                ? "seven takes an empty payload or []"
                : function + " takes a JSON array of 2 numbers: [" + type + ", " + type + "]";
        Failures.assertFails(ErrorCode.BAD_REQUEST, () -> Plugins.text(plugin, function, payload))
                .isEqualTo(expected + "; found " + found);
    }

    @Test
    void endlessRecursion_isATrap() {
        LoadedPlugin plugin = plugins.load("numbers");
        Failures.assertFails(ErrorCode.PLUGIN_TRAP, () -> Plugins.text(plugin, "deeper", ""))
                .contains("stack");
        assertThat(Plugins.text(plugin, "seven", "")).isEqualTo("7");
    }

    @Test
    void functionWithReferences_isNotFound() {
        LoadedPlugin plugin = plugins.load("numbers");
        Failures.assertFails(ErrorCode.FUNCTION_NOT_FOUND, () -> Plugins.text(plugin, "reference", "[1]"));
    }
}
