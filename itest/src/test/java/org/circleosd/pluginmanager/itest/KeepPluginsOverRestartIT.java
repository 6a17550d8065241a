package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What was acknowledged is there after a restart and after kill -9. */
@Timeout(300)
class KeepPluginsOverRestartIT {

    private static final Path HELLO = Daemon.DISTRIBUTION.resolve("plugins/hello.wasm");
    private static final String HELLO_WORLD = "\"resp\":\"Hello, world!\"";

    @TempDir
    private Path dir;

    @Test
    void killedDaemon_comesBackWithItsPlugins() throws IOException {
        Home home = Home.in(dir);
        String list;
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Client.load(HELLO))).contains("\"message\":\"loaded\"");
            list = daemon.settledList();
            daemon.kill();
        }
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Client.invoke("hello", "handle", "world"))).contains(HELLO_WORLD);
            assertThat(daemon.settledList()).isEqualTo(list);
            assertThat(daemon.ask(Client.unload("hello"))).contains("\"message\":\"unloaded\"");
            daemon.kill();
        }
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask("{\"action\":\"list\"}")).endsWith("\"data\":[]}");
            assertThat(daemon.terminate()).isZero();
        }
    }

    @Test
    void pluginOfTheDropFolderThatAClientUnloaded_staysUnloaded() throws IOException {
        Home home = Home.in(dir);
        Path dropped = home.plugins().resolve("hello.wasm");
        Files.copy(HELLO, dropped);
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Client.invoke("hello", "handle", "world"))).contains(HELLO_WORLD);
            assertThat(daemon.ask(Client.unload("hello"))).contains("\"ok\":true");
            daemon.kill();
        }
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask("{\"action\":\"list\"}")).endsWith("\"data\":[]}");
            assertThat(daemon.terminate()).isZero();
        }
    }

    @Test
    void safeMode_opensNothingThatIsNotEnabled_andTheNextStartAll() throws IOException {
        Home home = Home.in(dir);
        String list;
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Client.load(HELLO))).contains("\"ok\":true");
            assertThat(daemon.ask(Client.load(HELLO, null, "bad"))).contains("\"ok\":true");
            list = daemon.settledList();
            assertThat(daemon.terminate()).isZero();
        }
        try (Daemon daemon = home.start("--safe-mode")) {
            assertThat(daemon.shell("plugin:list").text()).contains("disabled").doesNotContain("active");
            assertThat(daemon.ask(Client.invoke("hello", "handle", "world")))
                    .contains("the daemon was started in safe mode")
                    .contains("\"code\":\"plugin_failed\"");
            assertThat(daemon.ask("{\"action\":\"enable\",\"id\":\"hello\"}")).contains("\"ok\":true");
            assertThat(daemon.ask(Client.invoke("hello", "handle", "world"))).contains(HELLO_WORLD);
            daemon.kill();
        }
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Client.invoke("bad", "handle", "world"))).contains(HELLO_WORLD);
            assertThat(daemon.settledList()).isEqualTo(list);
        }
    }

    @Test
    void fileThatWentWhileTheDaemonWasDown_isUnloaded() throws IOException {
        Home home = Home.in(dir);
        Path dropped = home.plugins().resolve("hello.wasm");
        Files.copy(HELLO, dropped);
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask("{\"action\":\"list\"}")).contains("\"id\":\"hello\"");
            daemon.terminate();
        }
        Files.delete(dropped);
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask("{\"action\":\"list\"}")).endsWith("\"data\":[]}");
        }
    }

    @Test
    void damagedState_isSaidAndNotWrittenOver_andAGoodCopyBringsThePluginsBack() throws IOException {
        Home home = Home.in(dir);
        Path state = home.state().resolve("journal.1");
        String list;
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Client.load(HELLO))).contains("\"message\":\"loaded\"");
            list = daemon.settledList();
            assertThat(daemon.terminate()).isZero();
        }
        byte[] good = Files.readAllBytes(state);
        byte[] bad = good.clone();
        bad[bad.length / 2] ^= 1;
        Files.write(state, bad);
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Daemon.LIST)).endsWith("\"data\":[]}");
            assertThat(daemon.ask(Client.load(HELLO)))
                    .startsWith("{\"ok\":false,\"message\":\"load failed: the state is damaged: " + state)
                    .endsWith("\"code\":\"state_corrupt\"}");
            assertThat(daemon.terminate()).isZero();
        }
        assertThat(state).hasBinaryContent(bad);
        Files.write(state, good);
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Client.invoke("hello", "handle", "world"))).contains(HELLO_WORLD);
            assertThat(daemon.settledList()).isEqualTo(list);
        }
    }

    @Test
    void stateOfTheFirstVersion_isTakenOver() throws IOException {
        Home home = Home.in(dir);
        Path state = Files.createDirectories(home.state()).resolve("state");
        Files.setPosixFilePermissions(home.state(), PosixFilePermissions.fromString("rwx------"));
        Files.write(state, emptyFormat1());
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Client.load(HELLO))).contains("\"message\":\"loaded\"");
            daemon.kill();
        }
        assertThat(state).doesNotExist();
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Client.invoke("hello", "handle", "world"))).contains(HELLO_WORLD);
        }
    }

    private static byte[] emptyFormat1() {
        ByteBuffer file = ByteBuffer.allocate(20).put("CPMSTATE".getBytes(StandardCharsets.US_ASCII));
        file.putInt(1).putInt(0);
        CRC32C checksum = new CRC32C();
        checksum.update(file.array(), 0, 16);
        return file.putInt((int) checksum.getValue()).array();
    }
}
