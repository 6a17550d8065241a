package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** An operator attaches to the running daemon. */
@Timeout(240)
class ShellIT {

    @TempDir
    private static Path dir;

    private static Daemon daemon;

    @BeforeAll
    static void start() throws IOException {
        daemon = Home.withExamples(dir).start();
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    @Test
    void list_isATable() throws IOException {
        String table = succeed("plugin:list");
        assertThat(table.lines().findFirst().orElseThrow().split(" +"))
                .containsExactly("ID", "NAME", "VERSION", "TYPE", "STATE", "ABI", "FUNCTIONS");
        assertThat(table.lines().skip(1).map(line -> line.split(" ")[0]))
                .containsExactly("hello", "hello-native", "seed-native", "upper", "wordcount");
    }

    @Test
    void loadInvokeInfoUnload_workOneAfterTheOther() throws IOException {
        String path = TestPlugins.sandbox("numbers.wasm").toString();
        assertThat(succeed("plugin:load " + path + " --as sums")).contains("sums");
        assertThat(succeed("plugin:invoke sums add_i32 '[2,3]'")).isEqualTo("5\n");
        assertThat(succeed("plugin:info sums")).contains(path, "raw", "sha256");
        assertThat(succeed("plugin:unload sums")).contains("unloaded sums");
        assertThat(fail("plugin:info sums")).contains("plugin_not_found");
    }

    @Test
    void namedParameters_goBeforeOrBehindTheOthers() throws IOException {
        Path payload = Files.writeString(dir.resolve("payload"), "from a file");
        assertThat(succeed("plugin:invoke --file " + payload + " hello handle")).isEqualTo("Hello, from a file!\n");
        assertThat(succeed("plugin:invoke hello handle --file " + payload)).isEqualTo("Hello, from a file!\n");
        assertThat(succeed("plugin:invoke hello handle brave new world")).isEqualTo("Hello, brave new world!\n");
    }

    @Test
    void whatAPluginPrinted_isInItsInfo() throws IOException {
        assertThat(succeed("plugin:info seed-native")).contains("seed-native has started");
    }

    @ParameterizedTest
    @ValueSource(strings = {"list", "load", "unload", "invoke", "info", "upgrade", "rollback", "events"})
    void help_tellsWhatACommandTakes(String command) throws IOException {
        assertThat(succeed("plugin:" + command + " --help")).contains("plugin:" + command);
        assertThat(succeed("help plugin:" + command)).contains("plugin:" + command);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "plugin:dance",
                "plugin:invoke hello",
                "plugin:invoke nobody handle",
                "plugin:load /nowhere/x.wasm",
                "plugin:unload nobody",
                "plugin:list surplus",
                "plugin:list | grep nothing-like-this | throw",
                "(((",
                "felix:update nobody"
            })
    void failingCommand_saysWhyAndExitsWith1(String command) throws IOException {
        assertThat(fail(command)).isNotBlank();
    }

    @Test
    void theRestOfGogo_worksToo() throws IOException {
        assertThat(succeed("felix:lb -s")).contains("org.circleosd.pluginmanager.host", "Active");
        assertThat(succeed("plugin:list | grep wordcount")).startsWith("wordcount");
        assertThat(succeed("echo one; echo two")).isEqualTo("one\ntwo\n");
        assertThat(succeed("scr:list")).contains("org.circleosd.pluginmanager");
    }

    @Test
    void scriptOnStandardInput_runsLineByLine() throws IOException {
        Commands.Result result = Commands.run(
                daemon.home().command("shell"),
                "# greets\n\nplugin:invoke hello handle one\nplugin:invoke hello handle two\n");
        assertThat(result.out()).as(result.text()).isEqualTo("Hello, one!\nHello, two!\n");
        assertThat(result.status()).isZero();

        Commands.Result failing = Commands.run(daemon.home().command("shell"), "plugin:unload nobody\necho behind\n");
        assertThat(failing.status()).as(failing.text()).isEqualTo(1);
        assertThat(failing.out()).isEqualTo("behind\n");
    }

    @Test
    void severalAtOnce_doNotDisturbEachOther() throws IOException {
        List<Process> shells = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            shells.add(daemon.home()
                    .command("shell", "plugin:invoke hello handle number-" + i)
                    .start());
        }
        for (int i = 0; i < shells.size(); i++) {
            assertThat(Commands.text(shells.get(i).inputReader())).isEqualTo("Hello, number-" + i + "!\n");
            assertThat(Commands.await(shells.get(i), "a shell did not end")).isZero();
        }
    }

    @Test
    void noDaemon_isSaidInOneLine(@TempDir Path other) throws IOException {
        Home nobody = new Home(other, Daemon.DISTRIBUTION);
        Commands.Result result = Commands.run(nobody.command("shell", "plugin:list"));
        assertThat(result.status()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .startsWith("plugin-manager: no daemon answers at " + other)
                .contains("start it")
                .hasLineCount(1);
    }

    @Test
    void networkPorts_areNotOpened() throws IOException {
        Set<String> inodes = new HashSet<>();
        try (Stream<Path> files = Files.list(Path.of("/proc/" + daemon.pid() + "/fd"))) {
            for (Path file : files.toList()) {
                if (Files.isSymbolicLink(file)) {
                    String target = Files.readSymbolicLink(file).toString();
                    if (target.startsWith("socket:[")) {
                        inodes.add(target.substring("socket:[".length(), target.length() - 1));
                    }
                }
            }
        }
        assertThat(inodes).as("the daemon's own sockets").hasSizeGreaterThanOrEqualTo(2);
        for (String protocol : List.of("tcp", "tcp6", "udp", "udp6")) {
            Path table = Path.of("/proc/" + daemon.pid() + "/net/" + protocol);
            if (Files.exists(table)) {
                assertThat(Files.readAllLines(table).stream().skip(1).map(line -> line.strip()
                                .split("\\s+")[9]))
                        .as(protocol)
                        .doesNotContainAnyElementsOf(inodes);
            }
        }
    }

    private static String succeed(String command) throws IOException {
        Commands.Result result = daemon.shell(command);
        assertThat(result.status()).as("%s: %s", command, result.text()).isZero();
        assertThat(result.err()).as(command).isEmpty();
        return result.out();
    }

    private static String fail(String command) throws IOException {
        Commands.Result result = daemon.shell(command);
        assertThat(result.status()).as("%s: %s", command, result.text()).isEqualTo(1);
        return result.err();
    }
}
