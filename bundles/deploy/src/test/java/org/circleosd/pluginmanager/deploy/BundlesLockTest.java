package org.circleosd.pluginmanager.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.circleosd.pluginmanager.api.Sha256;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With a lock, nothing in the bundles folder takes effect that is not in it. */
@Timeout(60)
class BundlesLockTest {

    @TempDir
    Path temp;

    @AutoClose
    private RunningFolder running;

    @BeforeEach
    void start() throws Exception {
        running = new RunningFolder(temp);
    }

    @Test
    void jarThatIsNotListed_doesNotRunUntilItIs() throws IOException {
        byte[] first = TestJar.bundle("a", "1.0", "one").bytes();
        byte[] second = TestJar.bundle("a", "2.0", "two").bytes();
        lock(first);
        running.write("a.jar", first);
        running.settle();
        running.write("a.jar", second);
        running.settle();
        assertThat(running.variant("a")).isEqualTo("one");
        lock(second);
        running.settle();
        assertThat(running.variant("a")).isEqualTo("two");
    }

    @Test
    void listedJarThatGoes_staysInstalledUntilItIsNotListedAnyMore() throws IOException {
        byte[] jar = TestJar.bundle("a", "1.0", "one").bytes();
        lock(jar);
        running.write("a.jar", jar);
        running.settle();
        running.delete("a.jar");
        running.settle();
        assertThat(running.named("a")).hasSize(1);
        lock();
        running.settle();
        assertThat(running.named("a")).isEmpty();
    }

    @Test
    void withoutALock_allMayRun() throws IOException {
        running.write("a.jar", TestJar.bundle("a", "1.0", "one"));
        running.settle();
        assertThat(running.named("a")).hasSize(1);
    }

    private void lock(byte[]... jars) throws IOException {
        StringBuilder lines = new StringBuilder();
        for (byte[] jar : jars) {
            lines.append(Sha256.of(jar)).append("  bundles/a.jar\n");
        }
        // Of another length each time: a change is seen by size and time.
        lines.append("#".repeat((int) (System.nanoTime() % 97)));
        Files.writeString(running.lock(), lines);
    }
}
