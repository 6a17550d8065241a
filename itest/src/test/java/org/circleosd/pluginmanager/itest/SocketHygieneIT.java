package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardWatchEventKinds;
import java.nio.file.WatchEvent;
import java.nio.file.WatchKey;
import java.nio.file.WatchService;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Only those who should can reach the sockets, from the first moment to the last. */
@Timeout(240)
class SocketHygieneIT {

    private static final String NOBODY = "65534";
    private static final String PYTHON = """
            import socket, sys
            connection = socket.socket(socket.AF_UNIX)
            try:
                connection.connect(sys.argv[1])
                connection.sendall(b'{"action":"list"}\\n')
                print("reply:", connection.makefile().readline(), end="")
            except OSError as failure:
                print("error:", failure)
            """;

    @TempDir
    private static Path dir;

    private static Daemon daemon;

    @BeforeAll
    static void start() throws IOException {
        daemon = Home.in(dir).start();
    }

    @AfterAll
    static void stop() {
        daemon.close();
    }

    @Test
    void sockets_areForTheirOwnerOnly() throws IOException {
        Path run = daemon.home().state().resolve("run");
        assertThat(permissions(daemon.home().socket())).isEqualTo("rw-------");
        assertThat(permissions(run)).isEqualTo("rwx------");
        assertThat(permissions(run.resolve("shell.sock"))).isEqualTo("rw-------");
        assertThat(permissions(daemon.home().state())).isEqualTo("rwx------");
    }

    @Test
    void nothingIsLeftOfTheBinding() throws IOException {
        try (Stream<Path> files = Files.list(dir)) {
            assertThat(files.map(file -> file.getFileName().toString()).filter(name -> name.startsWith(".s")))
                    .isEmpty();
        }
    }

    @Test
    void anotherUser_isRefused() throws IOException {
        assertThat(Files.getAttribute(Path.of("/proc/self"), "unix:uid"))
                .as("this test needs root, as ./test has it in continuous integration")
                .isEqualTo(0);
        Path open = Files.createDirectory(
                dir.resolve("open"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        Files.setPosixFilePermissions(dir, PosixFilePermissions.fromString("rwxr-xr-x"));

        assertThat(asNobody(daemon.home().socket())).startsWith("error:").contains("Permission denied");

        // Also where the operator opened the file's mode too far: the peer's uid counts.
        Home home = Home.in(open);
        home.set("socket", "mode", "0666");
        try (Daemon lax = home.start()) {
            assertThat(permissions(home.socket())).isEqualTo("rw-rw-rw-");
            assertThat(asNobody(home.socket())).doesNotContain("\"ok\"");
            assertThat(lax.ask(Daemon.LIST)).contains("\"ok\":true");
            assertThat(home.logText()).contains("refused a connection of uid " + NOBODY);

            home.set("socket", "allowed.uids", NOBODY);
            Poll.until(
                    Duration.ofSeconds(30),
                    "the uid is let in after the change of the configuration",
                    () -> asNobody(home.socket()).startsWith("reply: {\"ok\":true"));
        }
    }

    /** junixsocket makes a new socket 0666; nobody may ever see that under the public name. */
    @Test
    void socket_showsNoOtherModeAtItsStartAndIsGoneAtItsEnd(@TempDir Path other) throws Exception {
        Home home = Home.in(other);
        try (WatchService watch = FileSystems.getDefault().newWatchService()) {
            other.register(watch, StandardWatchEventKinds.ENTRY_CREATE);
            CompletableFuture<String> seen = CompletableFuture.supplyAsync(() -> firstMode(watch, home.socket()));
            try (Daemon own = home.start()) {
                assertThat(seen.join()).isEqualTo("rw-------");
                assertThat(own.ask(Daemon.LIST)).contains("\"ok\":true");
                assertThat(home.state().resolve("lock")).hasContent(own.pid() + "\n");
                assertThat(own.terminate()).isZero();
            }
        }
        assertThat(home.socket()).doesNotExist();
        assertThat(home.state().resolve("run/shell.sock")).doesNotExist();
        assertThat(permissions(home.socket().resolveSibling("pm.sock.lock"))).isEqualTo("rw-------");
    }

    private static String firstMode(WatchService watch, Path socket) {
        try {
            while (true) {
                WatchKey key = watch.take();
                for (WatchEvent<?> event : key.pollEvents()) {
                    if (socket.getFileName().equals(event.context())) {
                        return permissions(socket);
                    }
                }
                key.reset();
            }
        } catch (IOException | InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static String asNobody(Path socket) throws IOException {
        List<String> command = List.of(
                Commands.require("setpriv"),
                "--reuid=" + NOBODY,
                "--regid=" + NOBODY,
                "--clear-groups",
                "/usr/bin/env",
                "python3",
                "-c",
                PYTHON,
                socket.toString());
        Commands.Result result = Commands.run(new ProcessBuilder(command));
        assertThat(result.status()).as(result.text()).isZero();
        return result.out();
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file, LinkOption.NOFOLLOW_LINKS));
    }
}
