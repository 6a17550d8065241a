package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Somebody starts the daemon: rightly, wrongly, twice, elsewhere. */
@Timeout(300)
class StartIT {

    @TempDir
    private static Path dir;

    private static Daemon first;

    @BeforeAll
    static void start() throws IOException {
        first = Home.in(Files.createDirectory(dir.resolve("first"))).start();
    }

    @AfterAll
    static void stop() {
        first.close();
    }

    @Test
    void help_showsEveryOption() throws IOException {
        Commands.Result help = Commands.run(first.home().command("--help"));
        assertThat(help.status()).isZero();
        assertThat(help.err()).isEmpty();
        assertThat(help.out())
                .contains("--socket PATH", "--state DIR", "--plugins DIR", "--bundles DIR", "--config DIR")
                .contains("--shell", "--no-shell", "--safe-mode", "--lock", "--version", "--help", "shell [COMMAND]")
                .contains("PLUGIN_MANAGER_SOCKET", "PLUGIN_MANAGER_STATE");
    }

    @Test
    void version_isOneLine() throws IOException {
        Commands.Result version = Commands.run(first.home().command("--version"));
        assertThat(version.status()).isZero();
        assertThat(version.out()).matches("plugin-manager \\d+\\.\\d+\\.\\d+\\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--colour", "--socket", "--socket=", "dance"})
    void wrongUsage_exitsWith2AndSaysWhere(String argument) throws IOException {
        Commands.Result result = Commands.run(first.home().command(argument));
        assertThat(result.status()).as(result.text()).isEqualTo(2);
        assertThat(result.out()).isEmpty();
        assertThat(result.err())
                .startsWith("plugin-manager: ")
                .contains(argument.replaceAll("[-=]", ""))
                .endsWith("try 'plugin-manager --help'\n");
    }

    @Test
    void secondDaemonOnTheSameState_isRefusedAndTheFirstGoesOn() throws IOException {
        assertCannotStart(
                first.home().startInVain("--socket", dir.resolve("other.sock").toString()),
                "the daemon with pid " + first.pid() + " uses the state directory "
                        + first.home().state(),
                "--state");
    }

    @Test
    void secondDaemonOnTheSameSocket_isRefusedAndTheFirstGoesOn() throws IOException {
        assertCannotStart(
                first.home().startInVain("--state", dir.resolve("second").toString()),
                "pid " + first.pid(),
                "--socket");
    }

    @Test
    void socketPathThatIsTooLong_isRefused() throws IOException {
        String path = dir.resolve("x".repeat(100)) + ".sock";
        assertCannotStart(other("long").startInVain("--socket", path), path, "at most 103");
    }

    @Test
    void regularFileInThePlaceOfTheSocket_isLeftAlone() throws IOException {
        Path file = Files.writeString(dir.resolve("precious"), "precious");
        assertCannotStart(
                other("file").startInVain("--socket", file.toString()),
                file + " exists and is not a socket",
                "--socket");
        assertThat(file).hasContent("precious");
    }

    @Test
    void socketOfAnotherProgram_isLeftAlone() throws IOException {
        Path path = dir.resolve("alive.sock");
        try (ServerSocketChannel alive = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            alive.bind(UnixDomainSocketAddress.of(path));
            assertCannotStart(other("alive").startInVain("--socket", path.toString()), path.toString(), "--socket");
            Client.connect(path).close();
        }
    }

    @Test
    void stateDirectoryThatOthersMayWrite_isRefused() throws IOException {
        Path open = Files.createDirectory(dir.resolve("open"));
        Commands.run(new ProcessBuilder("chmod", "777", open.toString()));
        assertCannotStart(
                other("mode").startInVain("--state", open.toString()), open + " can be written by others", "chmod");
    }

    @Test
    void bundlesFolderWithoutBundles_isRefused() throws IOException {
        Path empty = Files.createDirectory(dir.resolve("empty"));
        assertCannotStart(other("none").startInVain("--bundles", empty.toString()), empty.toString(), "bundles");
    }

    @Test
    void nonsenseInAConfiguration_isAClearFailure() throws IOException {
        Home home = other("nonsense").set("socket", "mode", "rw for me");
        assertCannotStart(home.startInVain(), "rw for me", "mode");
    }

    @Test
    void staleSocket_isReplaced() throws IOException {
        Home home = other("stale");
        try (ServerSocketChannel stale = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            stale.bind(UnixDomainSocketAddress.of(home.socket()));
        }
        assertThat(home.socket()).exists();
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Daemon.LIST)).contains("\"ok\":true");
            daemon.kill();
        }
        assertThat(home.socket()).as("what kill -9 leaves").exists();
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Daemon.LIST)).contains("\"ok\":true");
        }
    }

    @Test
    void optionsPathsWithBlanksAndACopyOfTheDistribution_work() throws IOException {
        Path away = Files.createDirectory(dir.resolve("a way; $HOME"));
        Home.copyFolder(Daemon.DISTRIBUTION, away.resolve("dist"));
        Path script = away.resolve("dist/bin/plugin-manager");
        assertThat(script.toFile().setExecutable(true)).isTrue();
        Path link = Files.createSymbolicLink(dir.resolve("linked"), script);
        Home home = new Home(Files.createDirectory(away.resolve("home")), away.resolve("dist"));
        ProcessBuilder command = new ProcessBuilder(
                        link.toString(), "--socket", home.socket().toString(), "--state=" + home.state(), "--no-shell")
                .directory(away.toFile());
        command.environment().put("PLUGIN_MANAGER_SOCKET", "/nowhere/else.sock");
        command.environment().put("PLUGIN_MANAGER_STATE", "/proc/nowhere");
        try (Daemon daemon = home.start(command)) {
            assertThat(daemon.ready()).startsWith("ready: " + home.socket() + " (pid " + daemon.pid());
            assertThat(daemon.ask(Client.invoke("hello", "handle", "world"))).contains("Hello, world!");
            assertThat(daemon.ask(Client.invoke("hello-native", "handle", "world")))
                    .contains("native code");
            assertThat(daemon.ask(Daemon.LIST)).contains(away.resolve("dist/plugins") + "/hello.wasm");
        }
    }

    @Test
    void changeOfAConfiguration_takesEffectWhileItRuns() throws IOException {
        Home home = other("change");
        try (Daemon daemon = home.start();
                Client client = daemon.connect()) {
            client.ask(Client.load(TestPlugins.example("hello.wasm")));
            String outside = Client.load(TestPlugins.example("upper.wasm"));
            home.set("host", "plugin.roots", home.plugins().toString());
            Poll.until(Duration.ofSeconds(60), "plugin.roots holds", () -> isRefusedOrUnload(client, outside));
            assertThat(client.ask(Client.invoke("hello", "handle", "world"))).contains("Hello, world!");
            assertThat(home.logText()).doesNotContain("ERROR");
        }
    }

    @Test
    void eachComponent_isActivatedOnce() throws IOException {
        Home home = other("once");
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Daemon.LIST)).contains("\"ok\":true");
        }
        String log = home.logText();
        assertThat(log.lines().filter(line -> line.contains(": listening on "))).hasSize(1);
        assertThat(log.lines().filter(line -> line.contains("no longer listening")))
                .hasSize(1);
        assertThat(log).doesNotContain("ERROR").doesNotContain("WARN");
    }

    private static boolean isRefusedOrUnload(Client client, String outside) throws IOException {
        String reply = client.ask(outside);
        if (reply.contains("\"ok\":true")) {
            assertThat(client.ask(Client.unload("upper"))).contains("\"ok\":true");
        }
        return reply.contains("\"code\":\"path_invalid\"");
    }

    private static Home other(String name) throws IOException {
        return Home.in(Files.createDirectory(dir.resolve(name)));
    }

    /** It exits with 1; its last line says why and what to do; the first daemon goes on. */
    private static void assertCannotStart(Commands.Result result, String why, String what) throws IOException {
        assertThat(result.status()).as(result.text()).isEqualTo(1);
        assertThat(result.out()).isEmpty();
        String[] lines = result.err().split("\n");
        assertThat(lines[lines.length - 1]).startsWith("plugin-manager: ").contains(why, what);
        assertThat(first.ask(Daemon.LIST)).contains("\"ok\":true");
    }
}
