package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The operator locks the jars. */
@Timeout(180)
class BundlesLockIT {

    @TempDir
    private Path dir;

    @Test
    void lockedJars_aloneMayStartAndRun() throws Exception {
        Home home = Home.in(dir);
        Path lock = home.config().resolve("bundles.lock");
        assertLocked(home, lock);
        assertThat(lock).content().contains("  bundles/host-0.1.0.jar\n", "  lib/launcher.jar\n", "  system/01/api-");

        RoomJar jar = new RoomJar(home, "protocol");
        try (Daemon daemon = home.start()) {
            jar.drop(jar.marked("not-locked"));
            Poll.until(Duration.ofSeconds(60), "the jar is refused", () -> home.logText()
                    .contains(jar.file() + " is not in " + lock + " and does not run; accept it with"));
            assertThat(home.logText()).doesNotContain("updated bundle " + jar.symbolicName());
            assertThat(daemon.ask(Daemon.LIST)).contains("\"ok\":true");
        }
        Commands.Result refused = home.startInVain();
        assertThat(refused.status()).isEqualTo(1);
        assertThat(refused.err().lines().filter(line -> line.startsWith("plugin-manager: ")))
                .singleElement()
                .asString()
                .contains("the jar " + jar.file() + " is not the one of " + lock, "plugin-manager --lock");

        assertLocked(home, lock);
        try (Daemon daemon = home.start()) {
            jar.drop(jar.good());
            Poll.until(
                    Duration.ofSeconds(60),
                    "the old jar is refused",
                    () -> home.logText()
                                    .lines()
                                    .filter(line -> line.contains("is not in " + lock))
                                    .count()
                            == 2);
            assertLocked(home, lock);
            Poll.until(Duration.ofSeconds(60), "what is locked now runs", () -> home.logText()
                    .contains("updated bundle " + jar.symbolicName()));
            assertThat(daemon.ask(Daemon.LIST)).contains("\"ok\":true");
        }
        Files.delete(lock);
        jar.drop(jar.marked("any"));
        home.start().close();
    }

    private static void assertLocked(Home home, Path lock) throws IOException {
        Commands.Result result = Commands.run(home.daemonCommand("--lock"));
        assertThat(result.status()).as(result.text()).isZero();
        assertThat(result.out()).matches("locked \\d+ jars in \\Q" + lock + "\\E\\n");
    }
}
