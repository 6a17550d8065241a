package org.circleosd.pluginmanager.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class ImageStoreTest {

    @TempDir
    Path dir;

    @Test
    void image_isAReadOnlyCopyNamedByItsDigest() throws IOException {
        Path file = Files.writeString(dir.resolve("a.wasm"), "abc");
        PluginImage image = store(100).take(file);
        assertThat(image.sha256().hex()).isEqualTo("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
        assertThat(image.size()).isEqualTo(3);
        assertThat(image.file()).hasContent("abc").hasFileName(image.sha256().hex());
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(image.file())))
                .isEqualTo("r--------");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(dir.resolve("store"))))
                .isEqualTo("rwx------");
    }

    @Test
    void imageOfTwoHolders_goesWithTheLast() throws IOException {
        Path file = Files.writeString(dir.resolve("a.wasm"), "abc");
        ImageStore store = store(100);
        PluginImage first = store.take(file);
        PluginImage second = store.take(file);
        store.drop(first);
        assertThat(second.file()).exists();
        store.drop(second);
        assertThat(second.file()).doesNotExist();
    }

    @Test
    void sweep_deletesWhatNobodyHolds() throws IOException {
        ImageStore store = store(100);
        PluginImage held = store.take(Files.writeString(dir.resolve("a.wasm"), "abc"));
        Path stray = Files.writeString(dir.resolve("store/new-1.tmp"), "half");
        store.sweep();
        assertThat(stray).doesNotExist();
        assertThat(held.file()).exists();
    }

    @Test
    void imageThatWasThereBefore_staysWhenItsLastHolderGoes() throws IOException {
        Path file = Files.writeString(dir.resolve("a.wasm"), "abc");
        store(100).take(file);
        ImageStore later = store(100);
        PluginImage image = later.take(file);
        later.drop(image);
        assertThat(image.file()).exists();
    }

    @Test
    void fileAboveTheLimit_isTooLarge() throws IOException {
        Path file = Files.writeString(dir.resolve("a.wasm"), "abcd");
        assertRefused(ErrorCode.TOO_LARGE, "3 bytes", store(3), file);
    }

    @Test
    void missingFile_isRefused() throws IOException {
        assertRefused(ErrorCode.PATH_INVALID, "does not exist", store(3), dir.resolve("none.wasm"));
    }

    @Test
    void directory_isRefused() throws IOException {
        assertRefused(ErrorCode.PATH_INVALID, "is a directory", store(3), dir);
    }

    @Test
    void fifoAndDevice_areRefusedWithoutWaiting() throws Exception {
        Path fifo = dir.resolve("fifo.wasm");
        assertThat(new ProcessBuilder("mkfifo", fifo.toString()).start().waitFor())
                .isZero();
        assertRefused(ErrorCode.PATH_INVALID, "no regular file", store(3), fifo);
        assertRefused(ErrorCode.PATH_INVALID, "no regular file", store(3), Path.of("/dev/zero"));
    }

    @Test
    void fileOutsideTheRoots_isRefusedAlsoThroughALinkAndATwinName() throws IOException {
        Path root = Files.createDirectory(dir.resolve("plugins"));
        Path twin = Files.createDirectory(dir.resolve("plugins-evil"));
        ImageStore store = new ImageStore(dir.resolve("store"), 100, List.of(root));
        Path inside = Files.writeString(root.resolve("a.wasm"), "abc");
        Path outside = Files.writeString(twin.resolve("b.wasm"), "abc");
        Path link = Files.createSymbolicLink(root.resolve("link.wasm"), outside);
        assertThat(store.take(inside).size()).isEqualTo(3);
        assertRefused(ErrorCode.PATH_INVALID, "outside", store, outside);
        assertRefused(ErrorCode.PATH_INVALID, "outside", store, link);
        assertRefused(ErrorCode.PATH_INVALID, "outside", store, root.resolve("../plugins-evil/b.wasm"));
    }

    private ImageStore store(long maxBytes) throws IOException {
        return new ImageStore(dir.resolve("store"), maxBytes, List.of());
    }

    private static void assertRefused(ErrorCode code, String text, ImageStore store, Path file) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> store.take(file))
                .withMessageContaining(text)
                .withMessageContaining(file.toString())
                .extracting(PluginException::code)
                .isEqualTo(code);
    }
}
