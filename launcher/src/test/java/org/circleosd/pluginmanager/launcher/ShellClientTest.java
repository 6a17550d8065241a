package org.circleosd.pluginmanager.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.circleosd.pluginmanager.launcher.FakeShellDaemon.Behaviour;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class ShellClientTest {

    @TempDir
    Path folder;

    private final List<FakeShellDaemon> daemons = new ArrayList<>();
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @AfterEach
    void stop() throws Exception {
        for (FakeShellDaemon daemon : daemons) {
            daemon.close();
        }
    }

    @Test
    void command_isSentAsOneTextAndItsOutputCopied() throws Exception {
        FakeShellDaemon daemon = daemon((command, reply) ->
                reply.send('O', "grö").send('E', "careful\n").send('O', "ße\n").status(0, true));

        assertThat(run("", "plugin:list", "|", "grep x")).isZero();

        assertThat(text(out)).isEqualTo("größe\n");
        assertThat(text(err)).isEqualTo("careful\n");
        assertThat(daemon.received).contains("Cplugin:list | grep x");
        assertThat(daemon.received.get(0))
                .startsWith("Hmode=command\ndir=" + Path.of("").toAbsolutePath() + "\n")
                .contains("columns=");
    }

    @Test
    void failedCommand_isAFailure() throws Exception {
        daemon((command, reply) -> reply.status(1, true));

        assertThat(run("", "nosuch")).isEqualTo(1);
    }

    @Test
    void script_runsEachLineAndFailsIfOneDid() throws Exception {
        FakeShellDaemon daemon = daemon((command, reply) -> reply.status(command.equals("bad") ? 1 : 0, true));

        assertThat(run("# comment\none\n\n  \nbad\nthree")).isEqualTo(1);

        assertThat(List.copyOf(daemon.received).subList(1, 4)).containsExactly("Cone", "Cbad", "Cthree");
    }

    @Test
    void script_endsWithItsSession() throws Exception {
        FakeShellDaemon daemon = daemon((command, reply) -> reply.status(0, !command.equals("exit")));

        assertThat(run("one\nexit\nnever\n")).isZero();

        assertThat(daemon.received).contains("Cexit").doesNotContain("Cnever");
    }

    @Test
    void shellThatIsReplaced_getsTheCommandAgain() throws Exception {
        FakeShellDaemon daemon = daemon((command, reply) -> {
            reply.send('A', "");
            throw new EOFException("left");
        });
        daemon.then((command, reply) -> reply.send('O', "ran\n").status(0, true));

        assertThat(run("one\ntwo\n")).isZero();

        assertThat(text(out)).isEqualTo("ran\nran\n");
        assertThat(daemon.received.stream().filter(frame -> !frame.startsWith("H")))
                .startsWith("Cone", "end", "Cone", "Ctwo");
    }

    @Test
    void noDaemon_isToldInOneLine() {
        assertThat(run("", "list")).isEqualTo(1);

        assertThat(text(err))
                .isEqualTo("plugin-manager: no daemon answers at " + socket() + "; start it with ./plugin-manager\n");
    }

    @Test
    void socketThatNobodyListensOn_isToldTheSame() throws Exception {
        daemon((command, reply) -> reply.status(0, true)).close();
        assertThat(socket()).exists();

        assertThat(run("", "list")).isEqualTo(1);

        assertThat(text(err)).contains("no daemon answers");
    }

    @Test
    void daemonThatGoesAway_isAFailureAfterWhatItSaid() throws Exception {
        daemon((command, reply) -> {
            reply.send('O', "some output\n");
            throw new EOFException("as if killed");
        });

        assertThat(run("", "list")).isEqualTo(1);

        assertThat(text(out)).isEqualTo("some output\n");
        assertThat(text(err)).isEqualTo("plugin-manager: the daemon has closed the connection\n");
    }

    @Test
    void somethingElseAtTheSocket_isToldSo() throws Exception {
        daemon((command, reply) -> reply.send('{', "\"ok\":false}"));

        assertThat(run("", "list")).isEqualTo(1);

        assertThat(text(err)).isEqualTo("plugin-manager: this is no shell of a plugin manager\n");
    }

    @ParameterizedTest
    @CsvSource({"'24 80\n', 80, 24", "'0 0', 0, 0", "'', 0, 0", "stty: not a terminal, 0, 0", "'999999 1', 0, 0"})
    void sizeOfStty_isReadRowsFirst(String text, int columns, int rows) {
        assertThat(RawTerminal.Size.parse(text)).isEqualTo(new RawTerminal.Size(columns, rows));
    }

    private FakeShellDaemon daemon(Behaviour behaviour) throws IOException {
        FakeShellDaemon daemon = new FakeShellDaemon(socket(), behaviour);
        daemons.add(daemon);
        return daemon;
    }

    private Path socket() {
        return folder.resolve("s.sock");
    }

    private int run(String input, String... command) {
        return ShellClient.run(
                socket(), List.of(command), new ByteArrayInputStream(input.getBytes(StandardCharsets.UTF_8)), out, err);
    }

    private static String text(ByteArrayOutputStream bytes) {
        return bytes.toString(StandardCharsets.UTF_8);
    }
}
