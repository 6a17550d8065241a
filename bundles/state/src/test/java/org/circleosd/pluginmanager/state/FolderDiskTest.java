package org.circleosd.pluginmanager.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FolderDiskTest {

    @TempDir
    private Path folder;

    @Test
    void lockedFolder_isRefusedUntilTheLockIsClosed() throws IOException {
        FolderDisk disk = new FolderDisk(folder);
        Closeable lock = disk.lock();

        assertThatIOException().isThrownBy(disk::lock).withMessageContaining(folder.toString());
        lock.close();
        disk.lock().close();
    }

    @Test
    void writeBehindTheEnd_isReadBack_largeOnesToo() throws IOException {
        FolderDisk disk = new FolderDisk(folder);
        byte[] content = new byte[1_000_000];
        content[999_999] = 7;
        try (Disk.DiskFile file = disk.create("file")) {
            file.write(ByteBuffer.wrap(content), 10);
            file.force();
            assertThat(file.size()).isEqualTo(1_000_010);
            ByteBuffer read = ByteBuffer.allocate(1);
            assertThat(file.read(read, 1_000_009)).isEqualTo(1);
            assertThat(read.get(0)).isEqualTo((byte) 7);
            file.truncate(3);
            assertThat(file.read(ByteBuffer.allocate(8), 3)).isEqualTo(-1);
        }
    }

    @Test
    void fileThatWasReplaced_isNotTheNamedOneAnyMore() throws IOException {
        FolderDisk disk = new FolderDisk(folder);
        try (Disk.DiskFile file = disk.create("file")) {
            assertThat(disk.isNamed(file, "file")).isTrue();
            disk.move("file", "other");
            assertThat(disk.isNamed(file, "file")).isFalse();
            assertThat(disk.isNamed(file, "other")).isTrue();
            Files.writeString(folder.resolve("file"), "");
            assertThat(disk.isNamed(file, "file")).isFalse();
        }
    }

    @Test
    void failureForWantOfRoom_isToldFromOthers() {
        FolderDisk disk = new FolderDisk(folder);

        assertThat(disk.isFull(new IOException("No space left on device"), 1)).isTrue();
        assertThat(disk.isFull(new IOException("Disk quota exceeded"), 1)).isTrue();
        assertThat(disk.isFull(new IOException("Input/output error"), 0)).isFalse();
        assertThat(disk.isFull(new IOException("in another language"), Long.MAX_VALUE))
                .isTrue();
    }
}
