package org.circleosd.pluginmanager.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OptionsTest {

    private static final Path HOME = Path.of("/opt/pm");
    private static final Surroundings USER = new Surroundings(Map.of(), false, Path.of("/home/u"));

    @Test
    void nothingGiven_theDefaultsOfTheDesign() throws UsageException {
        Options options = parse(USER);
        assertThat(options.command()).isEqualTo(Options.Command.RUN);
        assertThat(options.socket()).isEqualTo(Path.of("/tmp/plugin-manager.sock"));
        assertThat(options.state()).isEqualTo(Path.of("/home/u/.local/state/plugin-manager"));
        assertThat(options.plugins()).isEqualTo(Path.of("/opt/pm/plugins"));
        assertThat(options.bundles()).isEqualTo(Path.of("/opt/pm/bundles"));
        assertThat(options.config()).isEqualTo(Path.of("/opt/pm/config"));
        assertThat(options.shell()).isEmpty();
    }

    @Test
    void allGiven_alsoWithEqualsSign_areTaken() throws UsageException {
        Options options = parse(
                USER,
                "--socket",
                "/s",
                "--state=/t",
                "--plugins",
                "/p",
                "--bundles=/b",
                "--config",
                "/c",
                "--no-shell");
        assertThat(List.of(options.socket(), options.state(), options.plugins(), options.bundles(), options.config()))
                .containsExactly(Path.of("/s"), Path.of("/t"), Path.of("/p"), Path.of("/b"), Path.of("/c"));
        assertThat(options.shell()).contains(false);
    }

    @Test
    void relativePath_becomesAbsolute() throws UsageException {
        assertThat(parse(USER, "--socket", "x/../s.sock").socket())
                .isEqualTo(Path.of("s.sock").toAbsolutePath());
    }

    @Test
    void environment_standsForOptions_butOptionsWin() throws UsageException {
        Surroundings surroundings = new Surroundings(
                Map.of("PLUGIN_MANAGER_SOCKET", "/env.sock", "PLUGIN_MANAGER_STATE", "/env"),
                false,
                Path.of("/home/u"));
        assertThat(parse(surroundings).socket()).isEqualTo(Path.of("/env.sock"));
        assertThat(parse(surroundings).state()).isEqualTo(Path.of("/env"));
        assertThat(parse(surroundings, "--state", "/mine").state()).isEqualTo(Path.of("/mine"));
    }

    @ParameterizedTest
    @CsvSource({
        "true,  '',       /var/lib/plugin-manager",
        "true,  /xdg,     /var/lib/plugin-manager",
        "false, '',       /home/u/.local/state/plugin-manager",
        "false, /xdg,     /xdg/plugin-manager",
        "false, relative, /home/u/.local/state/plugin-manager",
    })
    void stateDirectory_dependsOnUserAndXdg(boolean root, String xdg, Path expected) {
        Surroundings surroundings = new Surroundings(Map.of("XDG_STATE_HOME", xdg), root, Path.of("/home/u"));
        assertThat(surroundings.stateDirectory()).isEqualTo(expected);
    }

    @Test
    void shell_takesTheRestAsItsCommand() throws UsageException {
        Options options = parse(USER, "--state", "/t", "shell", "plugin:invoke", "--id", "x");
        assertThat(options.command()).isEqualTo(Options.Command.SHELL);
        assertThat(options.shellCommand()).containsExactly("plugin:invoke", "--id", "x");
        assertThat(options.shellSocket()).isEqualTo(Path.of("/t/run/shell.sock"));
    }

    @Test
    void shell_takesOptionsBeforeItsCommand() throws UsageException {
        Options options = parse(USER, "shell", "--state", "/t", "plugin:list");
        assertThat(options.state()).isEqualTo(Path.of("/t"));
        assertThat(options.shellCommand()).containsExactly("plugin:list");
    }

    @Test
    void help_winsOverWhatFollows() throws UsageException {
        assertThat(parse(USER, "--help", "--nonsense").command()).isEqualTo(Options.Command.HELP);
        assertThat(parse(USER, "--version").command()).isEqualTo(Options.Command.VERSION);
    }

    @Test
    void safeMode_isForThisRun() throws UsageException {
        assertThat(parse(USER).safeMode()).isFalse();
        Options options = parse(USER, "--safe-mode", "--state", "/t");
        assertThat(options.safeMode()).isTrue();
        assertThat(options.command()).isEqualTo(Options.Command.RUN);
    }

    @Test
    void lock_takesTheFoldersOfADaemon() throws UsageException {
        Options options = parse(USER, "--bundles", "/b", "--lock", "--config", "/c");
        assertThat(options.command()).isEqualTo(Options.Command.LOCK);
        assertThat(options.bundles()).isEqualTo(Path.of("/b"));
        assertThat(options.config()).isEqualTo(Path.of("/c"));
    }

    @ParameterizedTest
    @CsvSource({
        "--nonsense,    unknown option --nonsense",
        "--safe-mode=1, unknown option --safe-mode",
        "start,         unknown command start",
        "--socket,      option --socket needs a value",
        "--socket=,     the socket path is empty",
        "--no-shell=no, unknown option --no-shell",
    })
    void wrongUsage_isNamed(String argument, String message) {
        assertThatExceptionOfType(UsageException.class)
                .isThrownBy(() -> parse(USER, argument))
                .withMessage(message);
    }

    private static Options parse(Surroundings surroundings, String... arguments) throws UsageException {
        return Options.parse(List.of(arguments), surroundings, HOME);
    }
}
