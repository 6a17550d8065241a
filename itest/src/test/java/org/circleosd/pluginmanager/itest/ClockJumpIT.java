package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The machine's clock jumps by years, as it does when it is set for the first time: no timeout and no plugin minds. */
@Timeout(240)
class ClockJumpIT {

    @TempDir
    private Path dir;

    @Test
    void clockThatJumpsByYears_changesOnlyWhatTimesAreShown() throws IOException {
        Home home = Home.in(Files.createDirectory(dir.resolve("home")));
        Path library = dir.resolve("clock.so");
        Commands.cc(
                Daemon.PROJECT.resolve("itest/src/test/plugins/clock.c"),
                library,
                "-D_GNU_SOURCE",
                "-fPIC",
                "-shared",
                "-ldl");
        Path offset = dir.resolve("offset");
        set(offset, 0);
        ProcessBuilder command = home.daemonCommand();
        command.environment().put("LD_PRELOAD", library.toString());
        command.environment().put("CLOCK_OFFSET", offset.toString());
        int year = Instant.now().atOffset(ZoneOffset.UTC).getYear();
        try (Daemon daemon = home.start(command);
                Client client = daemon.connect()) {
            assertThat(client.ask(Client.load(TestPlugins.source("spin/spin.wasm"))))
                    .contains("loaded");
            for (int years : new int[] {10, -10, 30, 0}) {
                set(offset, years);
                assertThat(client.ask(Client.load(TestPlugins.example("hello.wasm"))))
                        .contains("loaded");
                assertThat(yearOfLoad(client, "hello")).isBetween(year + years - 1, year + years + 1);
                assertThat(client.ask(Survivor.CANARY)).isEqualTo(Survivor.CANARY_REPLY);
                assertThat(client.ask(Client.invoke("spin", "handle", "forever")))
                        .contains("timed out after 1000 ms");
                assertThat(client.ask(Client.unload("hello"))).contains("unloaded");
            }
            daemon.kill();
        }
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Client.invoke("spin", "handle", "forever"))).contains("timed out after 1000 ms");
        }
    }

    private static int yearOfLoad(Client client, String id) throws IOException {
        for (JsonNode plugin : client.askJson(Daemon.LIST).get("data")) {
            if (plugin.get("id").textValue().equals(id)) {
                return Instant.parse(plugin.get("loaded_at").textValue())
                        .atOffset(ZoneOffset.UTC)
                        .getYear();
            }
        }
        throw new AssertionError("'" + id + "' is not listed");
    }

    /** In place: the daemon has it mapped. */
    private static void set(Path offset, int years) throws IOException {
        ByteBuffer seconds = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(Duration.ofDays(365L * years).toSeconds())
                .flip();
        try (FileChannel file = FileChannel.open(offset, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.write(seconds, 0);
        }
    }
}
