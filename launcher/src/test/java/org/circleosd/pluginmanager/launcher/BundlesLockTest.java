package org.circleosd.pluginmanager.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BundlesLockTest {

    @TempDir
    Path home;

    private Path bundles;
    private BundlesLock lock;

    @BeforeEach
    void makeFolders() throws Exception {
        for (String folder : List.of("lib", "system/01", "system/02", "config")) {
            Files.createDirectories(home.resolve(folder));
        }
        Files.writeString(home.resolve("lib/launcher.jar"), "launcher");
        Files.writeString(home.resolve("system/01/api.jar"), "api");
        bundles = Files.createDirectories(home.resolve("elsewhere"));
        Files.writeString(bundles.resolve("host.jar"), "host");
        Files.writeString(bundles.resolve("notes.txt"), "no jar");
        Options options =
                Options.parse(List.of("--bundles", bundles.toString()), new Surroundings(Map.of(), false, home), home);
        lock = new BundlesLock(options, home);
    }

    @Test
    void noLock_allMayStart() {
        assertThatCode(() -> lock.check()).doesNotThrowAnyException();
    }

    @Test
    void lock_listsEveryJarAsSha256sumDoes() throws Exception {
        Path file = home.resolve("config/bundles.lock");
        assertThat(lock.write()).isEqualTo("locked 3 jars in " + file);
        assertThat(file)
                .content()
                .isEqualTo(FileDigest.of(bundles.resolve("host.jar")) + "  bundles/host.jar\n"
                        + FileDigest.of(home.resolve("lib/launcher.jar")) + "  lib/launcher.jar\n"
                        + FileDigest.of(home.resolve("system/01/api.jar")) + "  system/01/api.jar\n");
        assertThatCode(() -> lock.check()).doesNotThrowAnyException();
    }

    @Test
    void otherBytes_areRefused_untilLockedAgain() throws Exception {
        lock.write();
        Files.writeString(home.resolve("system/01/api.jar"), "other");
        assertRefused("the jar " + home.resolve("system/01/api.jar") + " is not the one of ");
        lock.write();
        assertThatCode(() -> lock.check()).doesNotThrowAnyException();
    }

    @Test
    void newJarAndMissingJar_areRefused() throws Exception {
        lock.write();
        Files.writeString(bundles.resolve("new.jar"), "new");
        assertRefused("the jar " + bundles.resolve("new.jar") + " is not in ");
        Files.delete(bundles.resolve("new.jar"));
        Files.delete(bundles.resolve("host.jar"));
        assertRefused("the jar " + bundles.resolve("host.jar") + " is in ");
    }

    @Test
    void severalDifferences_areCounted() throws Exception {
        lock.write();
        Files.writeString(bundles.resolve("host.jar"), "1");
        Files.writeString(bundles.resolve("new.jar"), "2");
        Files.writeString(home.resolve("lib/launcher.jar"), "3");
        assertRefused("and 2 more differ; put the right jars there, or accept these with plugin-manager --lock");
    }

    @Test
    void lineThatIsNone_isNamed() throws IOException {
        Files.writeString(home.resolve("config/bundles.lock"), "trust me\n");
        assertRefused("has the line 'trust me'");
    }

    private void assertRefused(String why) {
        assertThatExceptionOfType(StartException.class)
                .isThrownBy(() -> lock.check())
                .withMessageContaining(why)
                .withMessageContaining("--lock");
    }
}
