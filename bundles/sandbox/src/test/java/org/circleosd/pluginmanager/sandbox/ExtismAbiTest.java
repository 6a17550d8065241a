package org.circleosd.pluginmanager.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.IntStream;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class ExtismAbiTest {

    private static final String CALLS = "extism/calls";

    private final Plugins plugins = new Plugins();

    @AfterEach
    void close() {
        plugins.close();
    }

    @Test
    void abi_isFoundByTheImports() {
        LoadedPlugin plugin = plugins.load(CALLS);
        assertThat(plugin.abi()).isEqualTo("extism");
        assertThat(plugin.functions())
                .contains("echo", "count_vowels", "no_result")
                .isSorted();
    }

    @Test
    void abi_canBeSaidByTheManifest() {
        assertThat(plugins.load("extism/plain").abi()).isEqualTo("raw");
        LoadedPlugin plugin = plugins.abi("extism").load("extism/plain");
        assertThat(plugin.abi()).isEqualTo("extism");
        assertThat(Plugins.text(plugin, "zero", "")).isEmpty();
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> Plugins.text(plugin, "five", ""))
                .isEqualTo("five returned the non-zero exit code 5");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 7, 8, 9, 16, 1000, 60_000})
    void input_comesBack(int length) {
        LoadedPlugin plugin = plugins.load(CALLS);
        byte[] payload = new byte[length];
        IntStream.range(0, length).forEach(i -> payload[i] = (byte) (i * 31));
        for (String function : new String[] {"echo", "echo_input_block"}) {
            assertThat(plugin.invoke(new Invocation(function, payload, Caller.local("test"))))
                    .isEqualTo(payload);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "count_vowels, Hello World, 3",
        "count_vowels, '', 0",
        "output_part, '', middle",
        "output_nothing_after_all, '', ''",
        "output_freed, '', freed",
        "no_result, '', done",
        "memory_rules, '', all right",
        "input_rules, hello world, all right",
        "error_rules, '', all right",
    })
    void call_returnsWhatTheRulesSay(String function, String payload, String result) {
        LoadedPlugin plugin = plugins.load(CALLS);
        for (int i = 0; i < 3; i++) {
            assertThat(Plugins.text(plugin, function, payload)).isEqualTo(result);
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "fail_with_text     | PLUGIN_ERROR       | the wheel came off",
                "fail_although_zero | PLUGIN_ERROR       | not so fine",
                "fail_with_code     | PLUGIN_ERROR       | fail_with_code returned the non-zero exit code 7",
                "trap               | PLUGIN_TRAP        | unreachable",
                "trap_with_text     | PLUGIN_ERROR       | I meant to do this",
                "bad_handle         | PLUGIN_ERROR       | var_get: invalid handle 4242",
                "fill_vars          | PLUGIN_ERROR       | Variable store is full: ",
                "large              | TOO_LARGE          | the plugin's output has 1048576 bytes; at most 65536 bytes are allowed",
                "lacking            | FUNCTION_NOT_FOUND | no function 'lacking'; it has",
            })
    void failure_hasItsCodeAndText(String function, ErrorCode code, String message) {
        LoadedPlugin plugin = plugins.load(CALLS);
        Failures.assertFails(code, () -> Plugins.text(plugin, function, "")).contains(message);
        assertThat(Plugins.text(plugin, "echo", "still here")).isEqualTo("still here");
    }

    @Test
    void endlessCall_isTimedOut() {
        LoadedPlugin plugin = plugins.timeout(Duration.ofMillis(200)).load(CALLS);
        Failures.assertFails(ErrorCode.TIMEOUT, () -> Plugins.text(plugin, "loop", ""));
    }

    @Test
    void instance_livesFromCallToCall() {
        LoadedPlugin plugin = plugins.load(CALLS);
        assertThat(Plugins.text(plugin, "count_calls", "")).isEqualTo("1");
        assertThat(Plugins.text(plugin, "count_calls", "")).isEqualTo("2");
        // An answer that is an error changes nothing of that, a trap does.
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> Plugins.text(plugin, "fail_although_zero", ""));
        assertThat(Plugins.text(plugin, "count_calls", "")).isEqualTo("4");
        Failures.assertFails(ErrorCode.PLUGIN_TRAP, () -> Plugins.text(plugin, "trap", ""));
        assertThat(Plugins.text(plugin, "count_calls", "")).isEqualTo("1");
    }

    @ParameterizedTest
    @CsvSource({"POOLED, 1", "FRESH, 1", "STATEFUL, 2"})
    void instances_liveAsTheManifestSays(InstancePolicy policy, String second) {
        LoadedPlugin plugin = plugins.instances(policy).load(CALLS);
        assertThat(Plugins.text(plugin, "count_calls", "")).isEqualTo("1");
        assertThat(Plugins.text(plugin, "count_calls", "")).isEqualTo(second);
        assertThat(Plugins.text(plugin, "set_var", "kept")).isEmpty();
        assertThat(Plugins.text(plugin, "get_var", "v")).isEqualTo("kept");
    }

    @Test
    void handlesOfAnEarlierCall_areDead() {
        LoadedPlugin plugin = plugins.load(CALLS);
        assertThat(Plugins.text(plugin, "keep_handle", "")).isEqualTo("9");
        assertThat(Plugins.text(plugin, "keep_handle", "")).isEqualTo("0");
    }

    @Test
    void memory_isBoundedAndComesBack() {
        LoadedPlugin plugin = plugins.memoryBytes(1 << 20).load(CALLS);
        for (int i = 0; i < 3; i++) {
            assertThat(Integer.parseInt(Plugins.text(plugin, "alloc_all", ""))).isBetween(900, 1048);
            assertThat(Integer.parseInt(Plugins.text(plugin, "alloc_tiny", ""))).isBetween(30_000, 32_768);
        }
        assertThat(Plugins.text(plugin, "alloc_and_free", "")).isEmpty();
    }

    @Test
    void payloadBeyondTheMemory_isOutOfMemory() {
        LoadedPlugin plugin = plugins.memoryBytes(3 * 65536).load(CALLS);
        Failures.assertFails(ErrorCode.OUT_OF_MEMORY, () -> Plugins.text(plugin, "echo", "x".repeat(200_000)))
                .contains("a payload of 200000 bytes", "limits.memory_bytes");
        assertThat(Plugins.text(plugin, "echo", "x")).isEqualTo("x");
    }

    @Test
    void config_isTheManifests() {
        LoadedPlugin plugin =
                plugins.config(Map.of("größe", "zwölf", "empty", "")).load(CALLS);
        assertThat(Plugins.text(plugin, "get_config", "größe")).isEqualTo("zwölf");
        assertThat(Plugins.text(plugin, "get_config", "empty")).isEqualTo("(unset)");
        assertThat(Plugins.text(plugin, "get_config", "other")).isEqualTo("(unset)");
    }

    @Test
    void variables_areThePluginsOwn() {
        LoadedPlugin plugin = plugins.load(CALLS);
        LoadedPlugin other = plugins.load(CALLS);
        assertThat(Plugins.text(plugin, "get_var", "v")).isEqualTo("(unset)");
        Plugins.text(plugin, "set_var", "one");
        Plugins.text(plugin, "set_var", "two");
        assertThat(Plugins.text(plugin, "get_var", "v")).isEqualTo("two");
        assertThat(Plugins.text(other, "get_var", "v")).isEqualTo("(unset)");
        Plugins.text(plugin, "delete_var", "");
        assertThat(Plugins.text(plugin, "get_var", "v")).isEqualTo("(unset)");
    }

    @Test
    void variables_areBounded() {
        LoadedPlugin plugin =
                plugins.asking(OptionalLong.of(1000), OptionalLong.empty()).load(CALLS);
        Plugins.text(plugin, "set_var", "x".repeat(951));
        Plugins.text(plugin, "set_var", "y".repeat(951));
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> Plugins.text(plugin, "set_var", "x".repeat(952)))
                .startsWith("Variable store is full")
                .contains("at most 1000 bytes are allowed (limits.var_bytes)");
        assertThat(Plugins.text(plugin, "get_var", "v")).startsWith("yyy").hasSize(951);
        LoadedPlugin without =
                plugins.asking(OptionalLong.of(0), OptionalLong.empty()).load(CALLS);
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> Plugins.text(without, "set_var", "x"))
                .startsWith("Vars are disabled");
        assertThat(Plugins.text(without, "get_var", "v")).isEqualTo("(unset)");
    }

    @Test
    void variables_areSafeUnderManyCallsAtOnce() {
        LoadedPlugin plugin = plugins.instances(InstancePolicy.POOLED).load(CALLS);
        IntStream.range(0, 8).parallel().forEach(thread -> {
            String value = String.valueOf((char) ('a' + thread)).repeat(100 + thread);
            for (int i = 0; i < 200; i++) {
                Plugins.text(plugin, "set_var", value);
                String seen = Plugins.text(plugin, "get_var", "v");
                assertThat(seen).isEqualTo(seen.substring(0, 1).repeat(100 + seen.charAt(0) - 'a'));
            }
        });
    }

    @Test
    void messages_areLoggedWithTheirLevel() {
        LoadedPlugin plugin = plugins.load(CALLS);
        assertThat(Plugins.text(plugin, "say", "an error")).isEqualTo("2");
        assertThat(plugins.log)
                .containsExactly("[info] two\n[info] lines", "[warn] a warning", "[error] an error", "[info] ");
    }

    @ParameterizedTest
    @CsvSource({"trace, 0, 6", "warn, 3, 2", "error, 4, 1", "off, 2147483647, 0"})
    void messagesBelowTheLevel_areDropped(String level, String number, int count) {
        try (Plugins quiet = new Plugins(Plugins.TestConfig.logging(level))) {
            assertThat(Plugins.text(quiet.load(CALLS), "say", "x")).isEqualTo(number);
            assertThat(quiet.log).hasSize(count);
        }
    }

    @Test
    void messages_areBounded() {
        LoadedPlugin plugin = plugins.outputBytes(1000).load(CALLS);
        Plugins.text(plugin, "say_much", "");
        assertThat(plugins.log).hasSizeLessThan(40).last().asString().startsWith("[cut: the plugin printed more than");
    }

    @ParameterizedTest
    @CsvSource({"extism/constructors, 1", "extism/haskell, 7"})
    void initialisation_followsTheKit(String name, String trace) {
        assertThat(Plugins.text(plugins.load(name), "trace", "")).isEqualTo(trace);
    }

    @Test
    void startSection_mayUseTheHost() {
        LoadedPlugin plugin = plugins.load("extism/start");
        assertThat(Plugins.text(plugin, "value", "")).isEqualTo("V");
        assertThat(plugins.log).containsExactly("[info] L");
    }

    @Test
    void failedInitialisation_saysThePluginsText() {
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> plugins.load("extism/failing-start"))
                .isEqualTo("while it was initialised: no");
    }

    @Test
    void cLibrary_worksAndItsPrintsAreLogged() {
        LoadedPlugin plugin = plugins.load("extism/wasi");
        assertThat(Plugins.text(plugin, "print", "")).isEqualTo("1");
        assertThat(plugins.log).contains("printed 1");
    }

    @Test
    void exit_isAnAnswer() {
        LoadedPlugin plugin = plugins.load("extism/wasi");
        assertThat(Plugins.text(plugin, "leave_well", "")).isEqualTo("left");
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> Plugins.text(plugin, "leave_badly", ""))
                .isEqualTo("leave_badly returned the non-zero exit code 3");
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> Plugins.text(plugin, "leave_with_text", ""))
                .isEqualTo("I am off");
        assertThat(Plugins.text(plugin, "print", "")).isEqualTo("1");
    }

    @Test
    void main_runsWhenItIsCalledOnly() {
        LoadedPlugin plugin = plugins.load("extism/program");
        assertThat(plugin.functions()).containsExactly("_start", "runs");
        assertThat(Plugins.text(plugin, "runs", "")).isEqualTo("0");
        assertThat(Plugins.text(plugin, "runs", "")).isEqualTo("1");
        assertThat(Plugins.text(plugin, "_start", "")).isEqualTo("3");
        // A program that has run is made anew.
        assertThat(Plugins.text(plugin, "runs", "")).isEqualTo("0");
        assertThat(plugins.log).isEmpty();
    }

    @Test
    void functionsOfTheKernel_areRefused() {
        Failures.assertFails(ErrorCode.PLUGIN_INVALID, () -> plugins.load("extism/kernel"))
                .contains("extism:host/env.reset (Extism's hosts keep it for themselves)");
    }

    @Test
    void selftest_leavesNoVariableBehind() {
        LoadedPlugin plugin = plugins.selftest("soak", "", "1").load(CALLS);
        assertThat(Plugins.text(plugin, "soak", "")).isEqualTo("1");
    }

    /** More of them: {@code mvn test -pl bundles/sandbox -Dtest=ExtismAbiTest#many* -Dextism.soak.calls=1000000}. */
    @Test
    void manyCalls_leaveNothingBehind() {
        int calls = Integer.getInteger("extism.soak.calls", 200_000);
        LoadedPlugin plugin = plugins.load(CALLS);
        byte[] result = {};
        for (int i = 0; i < calls; i++) {
            result = plugin.invoke(Plugins.call("soak", "payload"));
        }
        assertThat(new String(result, UTF_8)).isEqualTo(Integer.toString(calls));
        assertThat(plugins.runtime.extismBytes()).isZero();
    }
}
