package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A user chooses the other provider of the state, and goes back while the daemon runs. */
@Timeout(300)
class MoveStateIT {

    private static final Path HELLO = Daemon.DISTRIBUTION.resolve("plugins/hello.wasm");

    @TempDir
    private Path dir;

    @Test
    void stateMovesToTheOtherProviderAndBack_andNothingIsLost() throws IOException {
        Home home = Home.in(dir);
        Path journal = home.state().resolve("journal.1");
        Path other = home.state().resolve("state.mv");
        String list;
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Client.load(HELLO))).contains("\"message\":\"loaded\"");
            list = daemon.settledList();
            assertThat(journal).exists();
        }
        copyOtherProvider(home.bundles());
        home.set("state", "provider", "mvstore");
        try (Daemon daemon = home.start()) {
            assertGreets(daemon);
            assertThat(daemon.settledList()).isEqualTo(list);
            assertThat(other).exists();
            assertThat(journal).doesNotExist();

            home.set("state", "provider", "journal");
            Poll.until(Duration.ofSeconds(60), "a journal", () -> Files.exists(journal) && !Files.exists(other));
            assertGreets(daemon);
            assertThat(daemon.ask(Client.unload("hello"))).contains("\"message\":\"unloaded\"");
            assertThat(daemon.ask(Client.load(HELLO))).contains("\"message\":\"loaded\"");
            list = daemon.settledList();
            daemon.kill();
        }
        try (Daemon daemon = home.start()) {
            assertGreets(daemon);
            assertThat(daemon.settledList()).isEqualTo(list);
        }
    }

    private static void assertGreets(Daemon daemon) throws IOException {
        assertThat(daemon.ask(Client.invoke("hello", "handle", "world"))).contains("Hello, world!");
    }

    private static void copyOtherProvider(Path bundles) throws IOException {
        try (Stream<Path> jars = Files.list(Daemon.DISTRIBUTION.resolve("optional"))) {
            Path jar = jars.filter(file -> file.getFileName().toString().startsWith("state-mvstore"))
                    .findFirst()
                    .orElseThrow();
            Files.copy(jar, bundles.resolve(jar.getFileName()));
        }
    }
}
