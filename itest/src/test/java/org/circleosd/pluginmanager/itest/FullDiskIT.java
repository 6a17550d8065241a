package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.itest.NativePlugins.assertCode;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The disk of the state is full: what changes it is refused, all else goes on, and so does that when there is room. */
@Timeout(240)
class FullDiskIT {

    private static final int DISK_MIB = 64;

    @TempDir
    private Path dir;

    @Test
    void fullDisk_refusesChangesUntilThereIsRoom() throws IOException {
        Home home = Home.in(Files.createDirectory(dir.resolve("home")));
        Files.createDirectory(home.state());
        try (Daemon daemon = home.start(onSmallDisk(home));
                Client client = daemon.connect()) {
            assertThat(client.ask(Client.load(TestPlugins.example("hello.wasm"))))
                    .contains("loaded");
            // The disk is in a name space of the daemon's.
            Path state = Path.of("/proc/" + daemon.pid() + "/root" + home.state());
            Path ballast = state.resolve("ballast");
            fill(ballast);
            assertCode("state_read_only", client.askJson(Client.unload("hello")));
            assertThat(client.askJson(Client.load(TestPlugins.example("upper.wasm")))
                            .path("ok")
                            .booleanValue())
                    .isFalse();
            assertThat(client.ask(Survivor.CANARY)).isEqualTo(Survivor.CANARY_REPLY);
            assertThat(client.askJson(Daemon.LIST).get("data").findValuesAsText("id"))
                    .containsExactly("hello");
            Files.delete(ballast);
            assertThat(client.ask(Client.load(TestPlugins.example("upper.wasm"))))
                    .contains("loaded");
            assertThat(client.ask(Client.unload("hello"))).contains("unloaded");
            assertThat(client.askJson(Daemon.LIST).get("data").findValuesAsText("id"))
                    .containsExactly("upper");
            assertThat(daemon.terminate()).isZero();
        }
    }

    /** Only root can mount; anybody can be root in a name space of users. */
    private static ProcessBuilder onSmallDisk(Home home) {
        ProcessBuilder command = home.daemonCommand();
        List<String> words = new ArrayList<>(List.of(
                Commands.require("unshare"),
                "--mount",
                "--map-root-user",
                "sh",
                "-c",
                "mount -t tmpfs -o size=" + DISK_MIB + "m,mode=700 state \"$0\" && exec \"$@\"",
                home.state().toString()));
        words.addAll(command.command());
        return command.command(words);
    }

    private static void fill(Path file) throws IOException {
        byte[] piece = new byte[4096];
        try (OutputStream out = Files.newOutputStream(file)) {
            for (long written = 0; written < (long) DISK_MIB << 20; written += piece.length) {
                out.write(piece);
            }
        } catch (IOException e) {
            assertThat(e).hasMessageContaining("No space left");
            return;
        }
        throw new AssertionError("the disk has more room than " + DISK_MIB + " MiB");
    }
}
