package org.circleosd.pluginmanager.sandbox.wasi.tree;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.sandbox.Failures;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFolder.Access;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class HostTreeTest {

    private static final String SECRET = "a secret that no plugin reads";

    @TempDir
    private Path folder;

    private Path jail;
    private Path outside;
    private HostTree tree;

    @BeforeEach
    void makeFolders() throws IOException {
        jail = Files.createDirectory(folder.resolve("jail"));
        outside = Files.createDirectory(folder.resolve("outside"));
        Files.writeString(outside.resolve("file"), SECRET);
        Files.createDirectories(jail.resolve("dir/deep"));
        Files.writeString(jail.resolve("dir/file"), "inside");
        tree = HostTree.of(jail, false, OptionalLong.empty());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "../outside/file",
                "dir/../../outside/file",
                "dir/deep/../../../outside/file",
                "absolute",
                "relative",
                "dir/relative",
                "middle/file",
                "dir/middle/file",
                "chain",
                "back",
                "middle/../outside/file",
            })
    void pathThatLeavesTheFolder_isRefusedForReadingAndWriting(String path) throws IOException {
        Files.createSymbolicLink(jail.resolve("absolute"), outside.resolve("file"));
        Files.createSymbolicLink(jail.resolve("relative"), Path.of("../outside/file"));
        Files.createSymbolicLink(jail.resolve("dir/relative"), Path.of("../../outside/file"));
        Files.createSymbolicLink(jail.resolve("middle"), outside);
        Files.createSymbolicLink(jail.resolve("dir/middle"), Path.of("../../outside"));
        Files.createSymbolicLink(jail.resolve("chain"), Path.of("dir/relative"));
        Files.createSymbolicLink(jail.resolve("back"), Path.of("dir/../../jail/../outside/file"));
        assertFails(WasiErrno.PERM, () -> read(path));
        assertFails(WasiErrno.PERM, () -> write(path, "overwritten"));
        assertThat(outside.resolve("file")).hasContent(SECRET);
        assertThat(outside).isDirectoryNotContaining("glob:**new*");
    }

    @ParameterizedTest
    @CsvSource({"inner, inside", "dir/up, inside", "twice, inside", "folder/file, inside", "folder/../dir/file, inside"
    })
    void linkInsideTheFolder_isFollowed(String path, String content) throws IOException {
        Files.createSymbolicLink(jail.resolve("inner"), Path.of("dir/file"));
        Files.createSymbolicLink(jail.resolve("dir/up"), Path.of("../dir/./deep/../file"));
        Files.createSymbolicLink(jail.resolve("twice"), Path.of("inner"));
        Files.createSymbolicLink(jail.resolve("folder"), Path.of("dir/"));
        assertThat(read(path)).isEqualTo(content);
    }

    @Test
    void linksInALoop_endInLoop() throws IOException {
        Files.createSymbolicLink(jail.resolve("a"), Path.of("b/x"));
        Files.createSymbolicLink(jail.resolve("b"), Path.of("a"));
        assertFails(WasiErrno.LOOP, () -> read("a"));
        assertFails(WasiErrno.LOOP, () -> read("a/file"));
    }

    @Test
    void folderMovedOutsideWhileItIsOpen_doesNotOpenTheWayUp() throws IOException {
        try (TreeFolder root = tree.open();
                TreeFolder dir = root.openFolder("dir")) {
            Files.move(jail.resolve("dir"), outside.resolve("dir"));
            assertFails(WasiErrno.PERM, () -> PathWalk.find(dir, "../file", true));
            assertFails(WasiErrno.NOENT, () -> root.openFolder("dir"));
            assertThat(dir.names(10)).containsExactly("deep", "file");
        }
    }

    @Test
    void hardLinkCannotBeMadeToTheOutside() throws IOException {
        Files.createSymbolicLink(jail.resolve("link"), outside.resolve("file"));
        try (TreeFolder root = tree.open()) {
            root.link("link", root, "second");
        }
        assertThat(jail.resolve("second")).isSymbolicLink();
    }

    @Test
    void pipe_isNotOpened() throws Exception {
        assertThat(new ProcessBuilder("mkfifo", jail.resolve("pipe").toString())
                        .start()
                        .waitFor())
                .isZero();
        assertFails(WasiErrno.ACCES, () -> read("pipe"));
        assertFails(WasiErrno.ACCES, () -> write("pipe", "x"));
        try (TreeFolder root = tree.open()) {
            assertFails(
                    WasiErrno.ACCES, () -> root.setTimes("pipe", new NewTimes(OptionalLong.of(1), OptionalLong.of(1))));
        }
    }

    @Test
    void stagedNames_areHiddenAndCleanedUp() throws IOException {
        String staged = ".circleosd-new-0123456789abcdef0123456789abcdef";
        Files.createDirectory(jail.resolve(staged));
        try (TreeFolder root = tree.open()) {
            assertThat(root.names(10)).containsExactly("dir");
            assertFails(WasiErrno.PERM, () -> root.openFolder(staged));
            assertFails(WasiErrno.PERM, () -> root.createFolder(".circleosd-new-x"));
        }
        HostTree.of(jail, false, OptionalLong.empty());
        assertThat(jail.resolve(staged)).doesNotExist();
    }

    @Test
    void quota_countsWhatWasThereAndWhatIsStillOpen() throws IOException {
        Files.write(jail.resolve("old"), new byte[10_000]);
        long there = 10_000 + 6 + 4 * Quota.ENTRY;
        HostTree small = HostTree.of(jail, false, OptionalLong.of(there + Quota.ENTRY + 100));
        byte[] bytes = new byte[1000];
        try (TreeFolder root = small.open()) {
            TreeFile file = root.createFile("new", Access.WRITE);
            assertFails(WasiErrno.DQUOT, () -> file.write(bytes, 101, 0));
            file.write(bytes, 100, 0);
            root.removeFile("new");
            assertThat(small.quota().used()).isEqualTo(there + 100);
            assertFails(WasiErrno.DQUOT, () -> file.append(bytes, Quota.ENTRY + 1));
            file.close();
            assertThat(small.quota().used()).isEqualTo(there);
            root.removeFile("old");
            assertThat(small.quota().used()).isEqualTo(there - 10_000 - Quota.ENTRY);
        }
    }

    @Test
    void quotaOfHardLinks_isGivenBackWithTheLastName() {
        HostTree small = HostTree.of(jail, false, OptionalLong.of(1 << 20));
        long before = small.quota().used();
        try (TreeFolder root = small.open()) {
            try (TreeFile file = root.createFile("one", Access.WRITE)) {
                file.write(new byte[1000], 1000, 0);
            }
            root.link("one", root, "two");
            root.removeFile("one");
            assertThat(small.quota().used()).isEqualTo(before + 1000 + Quota.ENTRY);
            root.removeFile("two");
            assertThat(small.quota().used()).isEqualTo(before);
        }
    }

    @Test
    void folderWithMoreEntriesThanTheLimit_cannotBeListed() {
        try (TreeFolder root = tree.open()) {
            root.createFolder("second");
            assertFails(WasiErrno.OVERFLOW, () -> root.names(1));
            assertThat(root.names(2)).containsExactly("dir", "second");
        }
    }

    @Test
    void interruptedThread_stopsInsteadOfReading() {
        try (TreeFolder root = tree.open();
                TreeFolder dir = root.openFolder("dir");
                TreeFile file = dir.openFile("file", Access.READ)) {
            Thread.currentThread().interrupt();
            Failures.assertFails(ErrorCode.CANCELLED, () -> file.read(new byte[10], 10, 0));
            assertThat(Thread.interrupted()).isFalse();
        }
    }

    @Test
    void twoGuestsThatAppend_loseNothing() throws Exception {
        int lines = 500;
        ExecutorService guests = Executors.newFixedThreadPool(2);
        try {
            List<Future<?>> both =
                    List.of(guests.submit(() -> append('a', lines)), guests.submit(() -> append('b', lines)));
            for (Future<?> guest : both) {
                guest.get();
            }
        } finally {
            guests.shutdown();
        }
        List<String> found = Files.readAllLines(jail.resolve("dir/file"));
        assertThat(found).hasSize(2 * lines).allMatch(line -> line.endsWith("aaaa") || line.endsWith("bbbb"));
    }

    /** A thread of the host swaps a folder for a link to the outside, again and again. */
    @Test
    void folderSwappedForALink_neverLeadsOutside() throws Exception {
        AtomicBoolean stop = new AtomicBoolean();
        CountDownLatch swapping = new CountDownLatch(1);
        ExecutorService host = Executors.newSingleThreadExecutor();
        int inside = 0;
        try {
            Future<?> swapper = host.submit(() -> swap(stop, swapping));
            swapping.await();
            long end = System.nanoTime() + 4_000_000_000L;
            while (System.nanoTime() - end < 0) {
                inside += tryAll() ? 1 : 0;
            }
            stop.set(true);
            swapper.get();
        } finally {
            stop.set(true);
            host.shutdown();
        }
        assertThat(inside).as("the race was run").isPositive();
        assertThat(outside).isDirectoryContaining("glob:**/file");
        assertThat(Files.list(outside).toList()).hasSize(1);
        assertThat(outside.resolve("file")).hasContent(SECRET);
    }

    @Test
    void folderThatIsNoFolder_cannotBeGranted() {
        Failures.assertFails(
                        ErrorCode.PATH_INVALID, () -> HostTree.of(outside.resolve("file"), true, OptionalLong.empty()))
                .contains("file", "expected a folder");
    }

    private Void swap(AtomicBoolean stop, CountDownLatch swapping) throws IOException {
        Path real = jail.resolve("dir");
        Path aside = jail.resolve("aside");
        while (!stop.get()) {
            Files.move(real, aside);
            Files.createSymbolicLink(real, outside);
            Files.delete(real);
            Files.move(aside, real);
            swapping.countDown();
        }
        return null;
    }

    /** Tries everything that could touch the outside; says whether one try went well. */
    private boolean tryAll() {
        boolean any = false;
        try {
            assertThat(read("dir/file")).isEqualTo("inside");
            any = true;
        } catch (TreeFailure e) {
            // In the middle of a swap.
        }
        String made = "made" + System.nanoTime();
        List<Runnable> changes = List.of(
                () -> in("dir", dir -> dir.createFolder(made)),
                () -> in("dir", dir -> dir.removeFolder(made)),
                () -> in("dir", dir -> dir.createLink(made, "file")),
                () -> in("dir", dir -> assertThat(dir.readLink(made)).isEqualTo("file")),
                () -> in("dir", dir -> dir.link("file", dir, made + "x")),
                () -> in("dir", dir -> dir.setTimes(made, new NewTimes(OptionalLong.of(1), OptionalLong.of(1)))),
                () -> in("dir", dir -> dir.removeFile(made)),
                () -> in("dir", dir -> dir.removeFile(made + "x")));
        for (Runnable change : changes) {
            try {
                change.run();
                any = true;
            } catch (TreeFailure e) {
                // In the middle of a swap, or what an earlier step should have made is not there.
            }
        }
        return any;
    }

    private void in(String path, Consumer<TreeFolder> work) {
        try (TreeFolder root = tree.open();
                TreeFolder dir = root.openFolder(path)) {
            work.accept(dir);
        }
    }

    private Void append(char letter, int lines) {
        byte[] line = new byte[5];
        Arrays.fill(line, (byte) letter);
        line[4] = '\n';
        try (TreeFolder root = tree.open();
                TreeFolder dir = root.openFolder("dir");
                TreeFile file = dir.openFile("file", Access.WRITE)) {
            for (int i = 0; i < lines; i++) {
                file.append(line, line.length);
            }
        }
        return null;
    }

    private String read(String path) {
        try (TreeFolder root = tree.open();
                PathWalk.Place place = PathWalk.find(root, path, true);
                TreeFile file = place.folder().openFile(place.name(), Access.READ)) {
            byte[] bytes = new byte[100];
            return new String(bytes, 0, file.read(bytes, bytes.length, 0), UTF_8);
        }
    }

    private void write(String path, String text) {
        try (TreeFolder root = tree.open();
                PathWalk.Place place = PathWalk.find(root, path, true);
                TreeFile file = place.folder().openFile(place.name(), Access.WRITE)) {
            byte[] bytes = text.getBytes(UTF_8);
            file.write(bytes, bytes.length, 0);
        }
    }

    private static void assertFails(int errno, ThrowingCallable work) {
        assertThatExceptionOfType(TreeFailure.class)
                .isThrownBy(work)
                .extracting(TreeFailure::errno)
                .isEqualTo(errno);
    }
}
