package org.circleosd.pluginmanager.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.shell.TestClient.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class AttachServerTest {

    @TempDir
    Path folder;

    private RunningShell shell;

    @BeforeEach
    void start() throws Exception {
        shell = new RunningShell(folder);
        shell.host.with("one", "One");
    }

    @AfterEach
    void stop() throws Exception {
        shell.stop();
    }

    @Test
    void socketAndHistory_areForTheirOwnerOnly() throws Exception {
        assertThat(mode(shell.socket)).isEqualTo("rw-------");
        assertThat(mode(shell.socket.getParent())).isEqualTo("rwx------");
        assertThat(mode(shell.history)).isEqualTo("rw-------");
    }

    @Test
    void end_removesTheSocket() throws Exception {
        shell.shut();

        assertThat(shell.socket).doesNotExist();
        shell.open();
    }

    @Test
    void end_leavesAnothersFileAlone() throws Exception {
        Files.delete(shell.socket);
        Files.writeString(shell.socket, "not ours");

        shell.shut();

        assertThat(shell.socket).hasContent("not ours");
        assertThatIOException().isThrownBy(shell::open).withMessageContaining("in the way");
        Files.delete(shell.socket);
        shell.open();
    }

    @Test
    void folderThatOthersCanEnter_isRefused() throws Exception {
        shell.shut();
        Files.setPosixFilePermissions(shell.socket.getParent(), PosixFilePermissions.fromString("rwxr-x---"));

        assertThatIOException().isThrownBy(shell::open).withMessageContaining("chmod 700");

        Files.setPosixFilePermissions(shell.socket.getParent(), PosixFilePermissions.fromString("rwx------"));
        shell.open();
    }

    @Test
    void end_letsTheRunningCommandFinishAndAnswer() throws Exception {
        try (TestClient running = shell.commands();
                TestClient idle = shell.commands()) {
            assertThat(idle.run("echo ready").output()).isEqualTo("ready\n");
            shell.register("test", new Restart(), 0, "restart");

            // The command replaces the very shell that runs it.
            assertThat(running.run("test:restart; echo back")).isEqualTo(new Answer("back\n", "", 0, true));
            assertThat(running.answer()).isEqualTo(TestClient.AGAIN);
            assertThat(idle.answer()).isEqualTo(TestClient.AGAIN);
        }
        try (TestClient next = shell.commands()) {
            assertThat(next.run("echo new").output()).isEqualTo("new\n");
        }
    }

    @Test
    void terminal_greetsRunsAndLeaves() throws Exception {
        try (TestClient client = shell.terminal()) {
            assertThat(client.outputUntil("plugins> ")).contains("CircleOSD Plugin Manager");
            type(client, "plugin:invoke one echo hi\r");
            client.outputUntil("\nhi\n");
            type(client, "exit\r");
            assertThat(client.answer().status()).isZero();
        }
        assertThat(shell.history).content().contains("plugin:invoke one echo hi");
    }

    @Test
    void terminal_completesPluginsAndFunctions() throws Exception {
        try (TestClient client = shell.terminal()) {
            client.outputUntil("plugins> ");
            type(client, "plugin:invoke on\t");
            client.outputUntil("one ");
            type(client, "ec\t");
            client.outputUntil("echo ");
            type(client, "hi\r");
            client.outputUntil("\nhi\n");
        }
    }

    @Test
    void terminal_interruptsTheCommandAndGoesOn() throws Exception {
        try (TestClient client = shell.terminal()) {
            client.outputUntil("plugins> ");
            type(client, "plugin:invoke one wait\r");
            assertThat(shell.host.waiting.await(30, TimeUnit.SECONDS)).isTrue();
            type(client, "\u0003");
            assertThat(shell.host.interrupted.await(30, TimeUnit.SECONDS)).isTrue();
            client.outputUntil("plugins> ");
            type(client, "echo still here\r");
            client.outputUntil("\nstill here\n");
        }
    }

    @Test
    void terminal_readsAndWritesAfterACommandThatReadWasInterrupted() throws Exception {
        Ask ask = new Ask();
        shell.register("test", ask, 0, "ask");
        try (TestClient client = shell.terminal()) {
            client.outputUntil("plugins> ");
            type(client, "test:ask\r");
            ask.asking.acquire();
            type(client, "\u0003");
            // Until then it would read what is typed, though the prompt is back: gogo interrupts and does not wait.
            ask.ended.acquire();
            type(client, "test:ask\r");
            ask.asking.acquire();
            type(client, "answer\r");
            client.outputUntil("\ngot answer\n");
        }
    }

    @Test
    void terminal_knowsItsSize() throws Exception {
        try (TestClient client = shell.terminal()) {
            client.outputUntil("plugins> ");
            type(client, "echo $COLUMNS x $LINES\r");
            client.outputUntil("\n100 x 30\n");
            client.send(new Frame(Frame.SIZE, new byte[] {0, 0, 0, 70, 0, 0, 0, 20}));
            type(client, "echo $COLUMNS x $LINES\r");
            client.outputUntil("\n70 x 20\n");
        }
    }

    @Test
    void idleTerminal_isToldThatTheShellGoes() throws Exception {
        try (TestClient client = shell.terminal()) {
            client.outputUntil("plugins> ");

            shell.shut();

            client.outputUntil("The shell is being replaced.");
            assertThat(client.answer()).isEqualTo(TestClient.AGAIN);
        }
        shell.open();
    }

    @Test
    void clientThatJustCame_isToldThatTheShellGoes() throws Exception {
        ExecutorService other = Executors.newSingleThreadExecutor();
        try (TestClient client = shell.attach()) {
            Future<?> shut = other.submit(() -> {
                shell.shut();
                return null;
            });
            client.hello("mode=command");

            assertThat(client.answer()).isEqualTo(TestClient.AGAIN);
            shut.get(30, TimeUnit.SECONDS);
        } finally {
            other.shutdownNow();
        }
        shell.open();
    }

    @Test
    void stopOfTheDaemon_isToldApartFromAReplacement() throws Exception {
        try (TestClient terminal = shell.terminal();
                TestClient commands = shell.commands()) {
            terminal.outputUntil("plugins> ");
            assertThat(commands.run("echo ready").output()).isEqualTo("ready\n");

            shell.stop();

            terminal.outputUntil("The daemon stops.");
            assertThat(terminal.answer().status()).isZero();
            assertThat(commands.answer().status()).isEqualTo(-1);
        }
    }

    @Test
    void tooManyClients_areRefusedWithAReason() throws Exception {
        List<TestClient> all = new ArrayList<>();
        try {
            for (int i = 0; i < RunningShell.MAX_SESSIONS; i++) {
                all.add(shell.commands());
                assertThat(all.get(i).run("echo in").status()).isZero();
            }
            all.add(shell.commands());

            Answer answer = all.get(RunningShell.MAX_SESSIONS).answer();

            assertThat(answer.status()).isEqualTo(1);
            assertThat(answer.error()).contains("max.sessions");
        } finally {
            for (TestClient client : all) {
                client.close();
            }
        }
    }

    @Test
    void clientThatSpeaksOtherwise_isRefusedWithAReason() throws Exception {
        try (TestClient client = shell.attach()) {
            client.send(Frame.text('{', "\"action\":\"list\"}"));

            assertThat(client.answer().error()).contains("expected 'H'");
        }
    }

    private static void type(TestClient client, String keys) throws IOException {
        client.send(new Frame(Frame.INPUT, keys.getBytes(StandardCharsets.UTF_8)));
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }

    /** Does what an update of the shell's bundle does to it. */
    public final class Restart {

        /** The command. */
        public void restart() throws Exception {
            shell.shut();
            shell.open();
        }
    }

    /** Reads a line from its standard input. */
    public static final class Ask {

        final Semaphore asking = new Semaphore(0);
        final Semaphore ended = new Semaphore(0);

        /** The command. */
        public void ask() throws IOException {
            asking.release();
            try {
                String line = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8)).readLine();
                System.out.println("got " + line);
            } finally {
                ended.release();
            }
        }
    }
}
