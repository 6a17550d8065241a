package org.circleosd.pluginmanager.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class BytesAbiTest {

    private final Plugins plugins = new Plugins();

    @AfterEach
    void close() {
        plugins.close();
    }

    @Test
    void functions_areThoseThatTakeBytes() {
        assertThat(plugins.load("state").functions())
                .containsExactly("busy", "count", "given_back", "loop", "rest", "trap");
        assertThat(plugins.load("reactor").functions()).containsExactly("chatter", "handle", "leave");
    }

    @ParameterizedTest
    @ValueSource(strings = {"faults", "text"})
    void payload_comesBack(String name) {
        LoadedPlugin plugin = plugins.load(name);
        assertThat(Plugins.text(plugin, "echo", "äöü €")).isEqualTo("äöü €");
        assertThat(Plugins.text(plugin, "echo", "")).isEmpty();
        String long16k = "x".repeat(16_000);
        assertThat(Plugins.text(plugin, "echo", long16k)).isEqualTo(long16k);
    }

    @Test
    void resultThatIsNotUtf8_isPassedOnAsItIs() {
        byte[] result = plugins.load("faults").invoke(Plugins.call("not_utf8", ""));
        assertThat(result).containsExactly(0xff, 0xfe);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "faults | unreachable | PLUGIN_TRAP  | unreachable",
                "faults | divide      | PLUGIN_TRAP  | divide by zero",
                "faults | recurse     | PLUGIN_TRAP  | ",
                "faults | outside     | PLUGIN_TRAP  | outside returned 8 bytes at address 4294967280, outside its memory of 65536 bytes",
                "faults | too_long    | PLUGIN_TRAP  | too_long returned 4294967295 bytes at address 1024, outside its memory",
                "faults | large       | TOO_LARGE    | large returned 524288 bytes; at most 65536 bytes are allowed (limits.output_bytes)",
                "faults | lacking     | FUNCTION_NOT_FOUND | no function 'lacking'; it has divide, echo, grow",
                "faults | alloc       | FUNCTION_NOT_FOUND | no function 'alloc'",
                "text   | nothing     | PLUGIN_ERROR | nothing returned a null address",
                "text   | endless     | PLUGIN_TRAP  | endless returned a text without a NUL before the end of the memory",
                "text   | outside     | PLUGIN_TRAP  | outside returned 1 bytes at address 4294967280",
            })
    void misbehaviour_failsItsCallOnly(String name, String function, ErrorCode code, String message) {
        LoadedPlugin plugin = plugins.load(name);
        Failures.assertFails(code, () -> Plugins.text(plugin, function, "x")).contains(message == null ? "" : message);
        assertThat(Plugins.text(plugin, "echo", "still here")).isEqualTo("still here");
    }

    @Test
    void textLongerThanTheLimit_isTooLarge() {
        LoadedPlugin plugin = plugins.outputBytes(1000).load("text");
        assertThat(Plugins.text(plugin, "echo", "x".repeat(1000))).hasSize(1000);
        Failures.assertFails(ErrorCode.TOO_LARGE, () -> Plugins.text(plugin, "echo", "x".repeat(1001)))
                .contains("at most 1000 bytes");
    }

    @Test
    void allocatorWithoutRoom_isOutOfMemory() {
        LoadedPlugin plugin = plugins.load("faults");
        Failures.assertFails(ErrorCode.OUT_OF_MEMORY, () -> Plugins.text(plugin, "echo", "x".repeat(20_000)))
                .isEqualTo("the plugin has no room for a payload of 20000 bytes: its alloc returned 0");
    }

    @Test
    void memoryThatGrowsWithoutEnd_stopsAtItsLimit() {
        LoadedPlugin plugin = plugins.memoryBytes(10 * 65536 + 1).load("faults");
        for (int i = 0; i < 3; i++) {
            assertThat(Plugins.text(plugin, "grow", "")).isEqualTo("10");
        }
    }

    @Test
    void statefulInstance_getsItsRoomsBack() {
        LoadedPlugin plugin = plugins.instances(InstancePolicy.STATEFUL).load("state");
        // Each call gives back the payload's room and the result's; a room that came back twice would trap.
        assertThat(Plugins.text(plugin, "given_back", "x")).isEqualTo("000");
        assertThat(Plugins.text(plugin, "given_back", "x")).isEqualTo("002");
        for (int i = 0; i < 200; i++) {
            Plugins.text(plugin, "count", "payload");
        }
    }

    @Test
    void resultInsideThePayload_isGivenBackOnce() {
        LoadedPlugin plugin = plugins.instances(InstancePolicy.STATEFUL).load("state");
        assertThat(Plugins.text(plugin, "rest", "abc")).isEqualTo("bc");
        assertThat(Plugins.text(plugin, "given_back", "x")).isEqualTo("001");
    }
}
