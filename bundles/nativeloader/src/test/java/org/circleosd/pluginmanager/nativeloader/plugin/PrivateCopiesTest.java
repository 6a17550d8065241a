package org.circleosd.pluginmanager.nativeloader.plugin;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PrivateCopiesTest {

    @TempDir
    private Path folder;

    @Test
    void directory_isMadeForItsOwnerOnly() throws Exception {
        Path directory = folder.resolve("run").resolve("native");
        PrivateCopies.in(directory);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory)))
                .isEqualTo("rwx------");
    }

    @Test
    void directoryOpenToOthers_isClosedToThem() throws Exception {
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxrwxrwx"));
        PrivateCopies.in(folder);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
    }

    @Test
    void linkInItsPlace_isRefused() throws Exception {
        Path target = Files.createDirectory(folder.resolve("target"));
        Path link = Files.createSymbolicLink(folder.resolve("link"), target);
        assertThatIOException().isThrownBy(() -> PrivateCopies.in(link)).withMessageContaining("not a directory");
    }

    @Test
    void copies_areUniqueFilesWithTheSameBytes() throws Exception {
        Path library = Files.write(folder.resolve("x.so"), new byte[] {1, 2, 3});
        PrivateCopies copies = PrivateCopies.in(folder.resolve("copies"));
        Path first = copies.copy(library);
        Path second = copies.copy(library);
        assertThat(first).isNotEqualTo(second).hasSameBinaryContentAs(library);
        assertThat(second).hasSameBinaryContentAs(library);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"999999999-123-a.so", "1-1-stdout", "hello.so", "x-y-z", "-", "99999999999999999999-1-a.so"})
    void fileOfADeadProcess_isRemovedAtTheStart(String stale) throws Exception {
        Files.createFile(folder.resolve(stale));
        PrivateCopies.in(folder);
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void fileOfThisProcess_isKept() throws Exception {
        Path library = Files.write(folder.resolve("x.so"), new byte[] {1});
        Path directory = folder.resolve("copies");
        Path copy = PrivateCopies.in(directory).copy(library);
        PrivateCopies.in(directory);
        assertThat(copy).exists();
    }

    @Test
    void imageThatIsGone_isUnavailableAndLeavesNothing() throws Exception {
        Path directory = folder.resolve("copies");
        PrivateCopies copies = PrivateCopies.in(directory);
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> copies.copy(folder.resolve("gone.so")))
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.UNAVAILABLE);
        assertThat(directory).isEmptyDirectory();
    }
}
