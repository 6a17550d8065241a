package org.circleosd.pluginmanager.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StateLockTest {

    @TempDir
    Path folder;

    @Test
    void newDirectory_isForItsOwnerOnly() throws Exception {
        Path state = folder.resolve("a/b/state");
        StateLock.take(state);
        assertThat(permissions(state)).isEqualTo("rwx------");
        assertThat(permissions(state.resolve("run"))).isEqualTo("rwx------");
        assertThat(state.resolve("lock")).hasContent(ProcessHandle.current().pid() + "\n");
    }

    @Test
    void second_isRefusedWithThePidOfTheFirst() throws Exception {
        Path state = folder.resolve("state");
        StateLock.take(state);
        assertThatExceptionOfType(StartException.class)
                .isThrownBy(() -> StateLock.take(state))
                .withMessageContaining("pid " + ProcessHandle.current().pid())
                .withMessageContaining("--state");
    }

    @Test
    void directoryThatOthersMayWrite_isRefused() throws Exception {
        Path state = Files.createDirectory(folder.resolve("state"));
        Files.setPosixFilePermissions(state, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatExceptionOfType(StartException.class)
                .isThrownBy(() -> StateLock.take(state))
                .withMessageContaining("chmod go-w " + state);
    }

    @Test
    void fileInTheWay_isRefusedInOneLine() throws Exception {
        Path state = Files.createFile(folder.resolve("state"));
        assertThatExceptionOfType(StartException.class)
                .isThrownBy(() -> StateLock.take(state))
                .withMessageContaining(state.toString())
                .withMessageNotContaining("\n");
    }

    private static String permissions(Path file) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(file));
    }
}
