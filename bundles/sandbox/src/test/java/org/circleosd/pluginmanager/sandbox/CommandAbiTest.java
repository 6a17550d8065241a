package org.circleosd.pluginmanager.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class CommandAbiTest {

    private final Plugins plugins = new Plugins();

    @AfterEach
    void close() {
        plugins.close();
    }

    @Test
    void payload_isStdinAndStdoutIsTheResult() {
        LoadedPlugin plugin = plugins.load("command");
        String payload = "line\n".repeat(2000);
        assertThat(Plugins.text(plugin, "echo", payload)).isEqualTo(payload);
        assertThat(Plugins.text(plugin, "echo", "")).isEmpty();
        assertThat(plugin.abi()).isEqualTo("wasi-command");
        assertThat(plugin.functions()).isEmpty();
    }

    @Test
    void system_hasArgumentsClocksAndRandomnessButNoEnvironment() {
        assertThat(Plugins.text(plugins.load("command"), "probe", "")).isEqualTo("""
                        args=2 command probe
                        environment=empty
                        real=now
                        monotonic=ok
                        random=ok
                        """);
    }

    @Test
    void files_areNotThere() {
        LoadedPlugin plugin = plugins.load("command");
        assertThat(List.of(Plugins.text(plugin, "passwd", ""), Plugins.text(plugin, "create", "")))
                .doesNotContain("opened\n")
                .allSatisfy(answer -> assertThat(answer).isNotBlank());
    }

    @Test
    void exitCodeZero_isSuccess() {
        assertThat(Plugins.text(plugins.load("command"), "exit0", "")).isEqualTo("done early\n");
    }

    @Test
    void otherExitCode_isAnErrorWithTheLastLineOfStderr() {
        LoadedPlugin plugin = plugins.load("command");
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> Plugins.text(plugin, "fail", ""))
                .isEqualTo("the plugin exited with code 3: no such colour: mauve");
        assertThat(String.join("\n", plugins.log)).isEqualTo("reading the input\nno such colour: mauve");
    }

    @Test
    void abort_isATrap() {
        LoadedPlugin plugin = plugins.load("command");
        Failures.assertFails(ErrorCode.PLUGIN_TRAP, () -> Plugins.text(plugin, "abort", ""));
        assertThat(Plugins.text(plugin, "echo", "next")).isEqualTo("next");
    }

    @Test
    void stdoutWithoutEnd_isTooLarge() {
        LoadedPlugin plugin = plugins.load("command");
        Failures.assertFails(ErrorCode.TOO_LARGE, () -> Plugins.text(plugin, "flood", ""))
                .isEqualTo("the plugin's result is longer than 65536 bytes (limits.output_bytes)");
    }

    @Test
    void stderrWithoutEnd_isCutWithAMark() {
        LoadedPlugin plugin = plugins.load("command");
        assertThat(Plugins.text(plugin, "flood_log", "")).isEmpty();
        assertThat(plugins.log)
                .containsExactly("x".repeat(64 << 10), "[cut: the plugin printed more than 65536 bytes in one call]");
    }

    @Test
    void sleep_endsByItself() {
        assertThat(Plugins.text(plugins.load("command"), "nap", "")).isEqualTo("rested\n");
    }

    @Test
    void functionWithNul_isRefused() {
        LoadedPlugin plugin = plugins.load("command");
        Failures.assertFails(ErrorCode.BAD_REQUEST, () -> Plugins.text(plugin, "echo\0x", ""))
                .contains("NUL");
    }

    @Test
    void statefulCommand_isIncompatible() {
        Failures.assertFails(ErrorCode.INCOMPATIBLE, () -> plugins.instances(InstancePolicy.STATEFUL)
                        .load("command"))
                .contains("/instances", "wasi-command");
    }
}
