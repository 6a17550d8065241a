package org.circleosd.pluginmanager.sandbox.wasi.tree;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFolder.Access;
import org.junit.jupiter.api.Test;

class MemoryTreeTest {

    private static final int BLOCK = Blocks.SIZE + 64;

    @Test
    void everythingRemoved_countsNothing() {
        MemoryTree tree = new MemoryTree(1 << 20, false);
        TreeFolder root = tree.open();
        TreeFile file = root.createFile("file", Access.READ_WRITE);
        file.write(new byte[10_000], 10_000, 0);
        assertThat(tree.used()).isEqualTo(3 * BLOCK + Quota.ENTRY + 2 * 4);
        root.createFolder("folder");
        root.createLink("folder-link", "folder");
        root.link("file", root.openFolder("folder"), "a longer name");
        root.rename("file", root.openFolder("folder"), "b");
        TreeFolder folder = root.openFolder("folder");
        folder.removeFile("b");
        folder.removeFile("a longer name");
        root.removeFile("folder-link");
        root.removeFolder("folder");
        assertThat(tree.used()).isEqualTo(3 * BLOCK);
        file.close();
        assertThat(tree.used()).isZero();
    }

    @Test
    void writeThatDoesNotFit_changesNothing() {
        MemoryTree tree = new MemoryTree(2 * BLOCK + 2 * Quota.ENTRY, false);
        TreeFile file = tree.open().createFile("file", Access.READ_WRITE);
        file.write(new byte[Blocks.SIZE], Blocks.SIZE, 0);
        long before = tree.used();
        assertFails(WasiErrno.DQUOT, () -> file.write(new byte[3 * Blocks.SIZE], 3 * Blocks.SIZE, 100));
        assertThat(tree.used()).isEqualTo(before);
        assertThat(file.size()).isEqualTo(Blocks.SIZE);
    }

    @Test
    void renameOverAFileWithoutRoomForALongerName_losesNothing() {
        MemoryTree tree = new MemoryTree(2 * Quota.ENTRY + 2 * 2 + 10, false);
        TreeFolder root = tree.open();
        root.createFile("a", Access.WRITE).close();
        root.createFile("b", Access.WRITE).close();
        assertFails(WasiErrno.DQUOT, () -> root.rename("a", root, "a name that is longer"));
        assertThat(root.names(10)).containsExactly("a", "b");
        root.rename("a", root, "b");
        assertThat(root.names(10)).containsExactly("b");
    }

    @Test
    void sizeBeyondEveryDisk_costsNothingUntilItIsWritten() {
        MemoryTree tree = new MemoryTree(1 << 16, false);
        TreeFile file = tree.open().createFile("file", Access.READ_WRITE);
        file.resize(Long.MAX_VALUE);
        assertThat(tree.used()).isLessThan(1024);
        byte[] bytes = {1, 2, 3};
        assertThat(file.read(bytes, 3, Long.MAX_VALUE - 2)).isEqualTo(2);
        assertThat(bytes).containsExactly(0, 0, 3);
        assertFails(WasiErrno.FBIG, () -> file.write(bytes, 3, Long.MAX_VALUE - 2));
    }

    @Test
    void folderInItself_isRefusedAtAnyDepth() {
        TreeFolder root = new MemoryTree(64 << 20, false).open();
        root.createFolder("top");
        TreeFolder at = root.openFolder("top");
        for (int i = 0; i < 20_000; i++) {
            at.createFolder("d");
            at = at.openFolder("d");
        }
        TreeFolder deepest = at;
        assertFails(WasiErrno.INVAL, () -> root.rename("top", deepest, "loop"));
    }

    @Test
    void treeGrantedForReading_takesNothing() {
        TreeFolder root = new MemoryTree(1 << 20, true).open();
        assertFails(WasiErrno.ROFS, () -> root.createFile("file", Access.READ));
        assertFails(WasiErrno.ROFS, () -> root.createFolder("folder"));
        assertFails(WasiErrno.ROFS, () -> root.createLink("link", "text"));
        assertFails(WasiErrno.ROFS, () -> root.setTimes(new NewTimes(OptionalLong.of(1), OptionalLong.of(1))));
    }

    @Test
    void otherTree_isAnotherDisk() {
        TreeFolder one = new MemoryTree(1 << 20, false).open();
        TreeFolder two = new MemoryTree(1 << 20, false).open();
        one.createFile("file", Access.WRITE).close();
        assertFails(WasiErrno.XDEV, () -> one.rename("file", two, "file"));
        assertFails(WasiErrno.XDEV, () -> one.link("file", two, "file"));
    }

    private static void assertFails(int errno, ThrowingCallable work) {
        assertThatExceptionOfType(TreeFailure.class)
                .isThrownBy(work)
                .extracting(TreeFailure::errno)
                .isEqualTo(errno);
    }
}
