package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.itest.NativePlugins.assertCode;

import com.fasterxml.jackson.databind.JsonNode;
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
    private static final int MOST_CHANGES = 20_000;

    @TempDir
    private Path dir;

    @Test
    void fullDisk_refusesChangesUntilThereIsRoom() throws IOException {
        Home home = Home.in(Files.createDirectory(dir.resolve("home")));
        Files.createDirectory(home.state());
        try (Daemon daemon = home.start(onSmallDisk(home));
                Client client = daemon.connect()) {
            for (String plugin : List.of("hello", "upper")) {
                assertThat(client.ask(Client.load(TestPlugins.example(plugin + ".wasm"))))
                        .contains("loaded");
            }
            // The disk is in a name space of the daemon's.
            Path state = Path.of("/proc/" + daemon.pid() + "/root" + home.state());
            Path ballast = state.resolve("ballast");
            fill(ballast);
            assertCode("state_read_only", changeUntilRefused(client, "upper"));
            assertThat(client.askJson(Client.load(TestPlugins.example("wordcount.wasm")))
                            .path("ok")
                            .booleanValue())
                    .isFalse();
            assertThat(client.ask(Survivor.CANARY)).isEqualTo(Survivor.CANARY_REPLY);
            assertThat(ids(client)).containsExactly("hello", "upper");
            Files.delete(ballast);
            assertThat(client.ask(Client.load(TestPlugins.example("wordcount.wasm"))))
                    .contains("loaded");
            assertThat(client.ask(Client.unload("hello"))).contains("unloaded");
            assertThat(ids(client)).containsExactly("upper", "wordcount");
            assertThat(daemon.terminate()).isZero();
        }
    }

    private static List<String> ids(Client client) throws IOException {
        return client.askJson(Daemon.LIST).get("data").findValuesAsText("id");
    }

    /** The store has room in reserve: the first changes on a full disk are still kept. */
    private static JsonNode changeUntilRefused(Client client, String id) throws IOException {
        for (int i = 0; i < MOST_CHANGES; i++) {
            String action = i % 2 == 0 ? "disable" : "enable";
            JsonNode reply = client.askJson("{\"action\":\"" + action + "\",\"id\":\"" + id + "\"}");
            if (!reply.path("ok").booleanValue()) {
                return reply;
            }
        }
        throw new AssertionError(MOST_CHANGES + " changes were kept on a full disk");
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
