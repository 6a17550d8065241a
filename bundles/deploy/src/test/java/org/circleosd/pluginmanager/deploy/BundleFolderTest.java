package org.circleosd.pluginmanager.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;

/** Jars come, change and go, and the bundles of a real framework follow. */
@Timeout(60)
class BundleFolderTest {

    @TempDir
    Path temp;

    @AutoClose
    private RunningFolder running;

    @BeforeEach
    void start() throws Exception {
        running = new RunningFolder(temp);
    }

    @Test
    void newJar_isInstalledAndStarted() throws IOException {
        running.write("a.jar", TestJar.bundle("a", "1.0", "one"));
        running.settle();
        assertThat(running.bundle("a").getState()).isEqualTo(Bundle.ACTIVE);
        assertThat(running.variant("a")).isEqualTo("one");
    }

    @Test
    void sameVersionWithOtherBytes_updatesInPlace() throws IOException {
        running.write("a.jar", TestJar.bundle("a", "1.0", "one"));
        running.settle();
        long id = running.bundle("a").getBundleId();
        running.write("a.jar", TestJar.bundle("a", "1.0", "two"));
        running.settle();
        assertThat(running.variant("a")).isEqualTo("two");
        assertThat(running.bundle("a").getBundleId()).isEqualTo(id);
        assertThat(running.bundle("a").getState()).isEqualTo(Bundle.ACTIVE);
    }

    @Test
    void higherVersionBesideTheOld_updates_andItsGoing_goesBack() throws IOException {
        running.write("a-1.jar", TestJar.bundle("a", "1.0", "one"));
        running.settle();
        running.write("a-2.jar", TestJar.bundle("a", "2.0", "two"));
        running.settle();
        assertThat(running.variant("a")).isEqualTo("two");
        running.delete("a-2.jar");
        running.settle();
        assertThat(running.variant("a")).isEqualTo("one");
        assertThat(running.named("a")).hasSize(1);
    }

    @Test
    void lowerVersionBesideTheNew_changesNothing() throws IOException {
        running.write("a-2.jar", TestJar.bundle("a", "2.0", "two"));
        running.settle();
        running.write("a-1.jar", TestJar.bundle("a", "1.0", "one"));
        running.settle();
        assertThat(running.variant("a")).isEqualTo("two");
    }

    @Test
    void lastJarGoes_bundleGoes() throws IOException {
        running.write("a.jar", TestJar.bundle("a", "1.0", "one"));
        running.settle();
        running.delete("a.jar");
        running.settle();
        assertThat(running.named("a")).isEmpty();
    }

    @Test
    void halfWrittenJar_leavesTheBundle_andIsTakenWhenItIsWhole() throws IOException {
        running.write("a.jar", TestJar.bundle("a", "1.0", "one"));
        running.settle();
        byte[] next = TestJar.bundle("a", "1.0", "two").bytes();
        running.write("a.jar", Arrays.copyOf(next, next.length / 2));
        running.settle();
        assertThat(running.variant("a")).isEqualTo("one");
        running.write("a.jar", next);
        running.settle();
        assertThat(running.variant("a")).isEqualTo("two");
    }

    @Test
    void olderJarBesideOneThatIsBeingWritten_doesNotComeBack() throws IOException {
        running.write("a-1.jar", TestJar.bundle("a", "1.0", "one"));
        running.write("a-2.jar", TestJar.bundle("a", "2.0", "two"));
        running.settle();
        running.write("a-2.jar", new byte[] {'P', 'K'});
        running.settle();
        assertThat(running.variant("a")).isEqualTo("two");
    }

    @Test
    void updateThatDoesNotStart_goesBackToTheOlderJar() throws IOException {
        running.write("a-1.jar", TestJar.bundle("a", "1.0", "one"));
        running.settle();
        running.write("a-2.jar", TestJar.bundle("a", "2.0", "two").header("Import-Package", "nobody.has.it"));
        running.settle();
        running.settle();
        assertThat(running.variant("a")).isEqualTo("one");
        assertThat(running.bundle("a").getState()).isEqualTo(Bundle.ACTIVE);
    }

    @Test
    void newBundle_startsWhenWhatItNeedsComes() throws IOException {
        running.write("user.jar", TestJar.bundle("user", "1.0", "one").header("Import-Package", "lib"));
        running.settle();
        assertThat(running.bundle("user").getState()).isEqualTo(Bundle.INSTALLED);
        running.write("lib.jar", TestJar.bundle("lib", "1.0", "one").header("Export-Package", "lib"));
        running.settle();
        assertThat(running.bundle("user").getState()).isEqualTo(Bundle.ACTIVE);
    }

    @Test
    void jarThatIsNoBundle_isLeftAlone() throws IOException {
        int before = running.framework().getBundleContext().getBundles().length;
        running.write("plain.jar", new TestJar());
        running.settle();
        assertThat(running.framework().getBundleContext().getBundles()).hasSize(before);
    }

    @Test
    void restart_ofSameFiles_doesNothing_butTakesWhatChanged() throws IOException {
        running.write("a.jar", TestJar.bundle("a", "1.0", "one"));
        running.write("b.jar", TestJar.bundle("b", "1.0", "one"));
        running.settle();
        long before = running.bundle("a").getLastModified();
        running.write("b.jar", TestJar.bundle("b", "1.0", "two"));
        running.restart();
        running.settle();
        assertThat(running.bundle("a").getLastModified()).isEqualTo(before);
        assertThat(running.variant("b")).isEqualTo("two");
    }
}
