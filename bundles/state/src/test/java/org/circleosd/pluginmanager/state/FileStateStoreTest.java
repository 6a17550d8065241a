package org.circleosd.pluginmanager.state;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.StateStore.Change;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class FileStateStoreTest {

    @TempDir
    private Path temp;

    private Path folder;
    private Path file;

    @BeforeEach
    void nameTheFolder() {
        folder = temp.resolve("a/state-folder");
        file = folder.resolve("state");
    }

    @Test
    void newFolder_isEmptyAndItsOwners() throws IOException {
        FileStateStore store = open();

        assertThat(store.entries("plugins")).isEmpty();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder)))
                .isEqualTo("rwx------");
    }

    @Test
    void reopenedStore_hasWhatWasCommitted() throws IOException {
        FileStateStore store = open();
        store.commit(List.of(put("plugins", "b", "2"), put("plugins", "a", "1"), put("kv", "ä/\u0000", "")));
        store.commit(List.of(put("plugins", "b", "3"), delete("plugins", "a"), delete("none", "none")));

        assertThat(texts(open(), "plugins")).containsExactly(Map.entry("b", "3"));
        assertThat(texts(open(), "kv")).containsExactly(Map.entry("ä/\u0000", ""));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        assertThat(filesBeside()).containsExactly("state");
    }

    @Test
    void entries_areSortedAndNobodyElses() {
        FileStateStore store = open();
        byte[] value = "1".getBytes(UTF_8);
        store.commit(List.of(put("plugins", "b", "2"), new Change("plugins", "a", value)));
        value[0] = 'x';
        store.entries("plugins").get("b")[0] = 'x';

        assertThat(texts(store, "plugins")).containsExactly(Map.entry("a", "1"), Map.entry("b", "2"));
    }

    @Test
    void leftOverOfACrash_isRemovedAndNotRead() throws IOException {
        open().commit(List.of(put("plugins", "a", "1")));
        Files.writeString(folder.resolve("state.123.tmp"), "half");

        assertThat(texts(open(), "plugins")).containsExactly(Map.entry("a", "1"));
        assertThat(filesBeside()).containsExactly("state");
    }

    @Test
    void badName_changesNothing() {
        FileStateStore store = open();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.commit(List.of(put("plugins", "a", "1"), put("plugins", "", "2"))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.commit(List.of(put("plugins", "é".repeat(128), "2"))));
        assertThatIllegalArgumentException().isThrownBy(() -> store.commit(List.of(put("\ud800", "a", "2"))));
        assertThat(store.entries("plugins")).isEmpty();
    }

    @Test
    void damagedFile_isCopiedAsideAndNeverWrittenOver() throws IOException {
        open().commit(List.of(put("plugins", "a", "1")));
        byte[] damaged = Files.readAllBytes(file);
        damaged[damaged.length / 2] ^= 4;
        Files.write(file, damaged);

        FileStateStore store = open();

        assertThat(store.entries("plugins")).isEmpty();
        assertThatThrownBy(() -> store.commit(List.of(put("plugins", "b", "2"))))
                .hasMessageContaining(file.toString())
                .hasMessageContaining("state.corrupt-1")
                .hasMessageContaining("put a good copy back")
                .extracting("code")
                .isEqualTo(ErrorCode.STATE_CORRUPT);
        assertThat(file).hasBinaryContent(damaged);
        assertThat(folder.resolve("state.corrupt-1")).hasBinaryContent(damaged);
    }

    @Test
    void sameDamageAtTheNextStart_makesNoSecondCopy() throws IOException {
        Files.createDirectories(folder);
        Files.writeString(file, "damaged");
        open();
        open();
        Files.writeString(file, "damaged otherwise");
        open();

        assertThat(filesBeside()).containsExactly("state", "state.corrupt-1", "state.corrupt-2");
    }

    @Test
    void folderInTheFilesPlace_isDamage() throws IOException {
        Files.createDirectories(file.resolve("x"));

        FileStateStore store = open();

        assertThat(failureOfCommit(store)).isEqualTo(ErrorCode.STATE_CORRUPT);
    }

    @Test
    void diskThatIsFullOnce_isTriedAgain() throws IOException {
        FileStateStore store = open();
        store.commit(List.of(put("plugins", "a", "1")));
        Path away = folder.resolveSibling("away");
        Files.move(folder, away);

        assertThat(failureOfCommit(store)).isEqualTo(ErrorCode.STATE_READ_ONLY);
        Files.move(away, folder);
        assertThat(texts(store, "plugins")).containsExactly(Map.entry("a", "1"));
        store.commit(List.of(put("plugins", "b", "2")));

        assertThat(texts(open(), "plugins")).containsExactly(Map.entry("a", "1"), Map.entry("b", "2"));
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2})
    void diskThatFailsToMakeAFileOrItsNameDurable_isNotTriedAgain(int failing) throws IOException {
        AtomicInteger untilFailure = new AtomicInteger(Integer.MAX_VALUE);
        FileStateStore store = new FileStateStore(folder, channel -> {
            if (untilFailure.decrementAndGet() == 0) {
                throw new IOException("Input/output error");
            }
            channel.force(true);
        });
        store.commit(List.of(put("plugins", "a", "1")));
        untilFailure.set(failing);

        assertThat(failureOfCommit(store)).isEqualTo(ErrorCode.STATE_READ_ONLY);
        assertThatThrownBy(() -> store.commit(List.of(put("plugins", "b", "2"))))
                .hasMessageContaining("Input/output error")
                .hasMessageContaining("Check the disk, then restart");
        assertThat(texts(store, "plugins")).containsExactly(Map.entry("a", "1"));
        assertThat(filesBeside()).containsExactly("state");
        assertThatCode(() -> open().commit(List.of(put("plugins", "a", "1")))).doesNotThrowAnyException();
    }

    @Test
    void missingSetting_isRefusedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> FileStateStore.folder(" "))
                .withMessageStartingWith("dir is empty");
    }

    @Test
    void folderThatCannotBeMade_readsEmptyAndRefusesCommits() throws IOException {
        Files.writeString(temp.resolve("a"), "a file in the folder's place");

        FileStateStore store = open();

        assertThat(store.entries("plugins")).isEmpty();
        assertThat(failureOfCommit(store)).isEqualTo(ErrorCode.STATE_READ_ONLY);
    }

    @Test
    void twoVersionsInTurn_loseNothing() {
        FileStateStore older = open();
        older.commit(List.of(put("plugins", "a", "1")));
        FileStateStore newer = open();
        newer.commit(List.of(put("plugins", "b", "2")));
        older.commit(List.of(put("plugins", "c", "3")));

        assertThat(texts(newer, "plugins"))
                .containsExactly(Map.entry("a", "1"), Map.entry("b", "2"), Map.entry("c", "3"));
    }

    @Test
    void fileThatVanished_isWrittenAgainWhole() throws IOException {
        FileStateStore store = open();
        store.commit(List.of(put("plugins", "a", "1")));
        Files.delete(file);
        store.commit(List.of(put("plugins", "b", "2")));

        assertThat(texts(open(), "plugins")).containsExactly(Map.entry("a", "1"), Map.entry("b", "2"));
    }

    @Test
    void closedStore_refusesCommits() {
        FileStateStore store = open();
        store.close();

        assertThat(failureOfCommit(store)).isEqualTo(ErrorCode.UNAVAILABLE);
    }

    @Test
    void stateThatWouldBeTooLarge_isRefused() {
        FileStateStore store = open();
        Change large = new Change("kv", "large", new byte[FileStateStore.MAX_BYTES]);

        assertThatThrownBy(() -> store.commit(List.of(large)))
                .extracting("code")
                .isEqualTo(ErrorCode.TOO_LARGE);
        assertThat(store.entries("kv")).isEmpty();
    }

    @Test
    void commitsOfManyThreads_areAllKept() throws Exception {
        FileStateStore store = open();
        int threads = 4;
        int each = 10;
        ExecutorService pool = Executors.newFixedThreadPool(threads);
        CountDownLatch start = new CountDownLatch(1);
        List<Future<?>> done = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            String name = "thread-" + t;
            done.add(pool.submit(() -> {
                start.await();
                for (int i = 0; i < each; i++) {
                    store.commit(List.of(put(name, "key-" + i, "value"), put("last", name, "" + i)));
                    assertThat(store.entries(name)).hasSize(i + 1);
                }
                return null;
            }));
        }
        start.countDown();
        for (Future<?> one : done) {
            one.get();
        }
        pool.shutdown();

        FileStateStore reopened = open();
        assertThat(texts(reopened, "last")).hasSize(threads).allSatisfy((key, value) -> assertThat(value)
                .isEqualTo("" + (each - 1)));
        assertThat(reopened.entries("thread-0")).hasSize(each);
    }

    private FileStateStore open() {
        return new FileStateStore(folder, channel -> channel.force(true));
    }

    private List<String> filesBeside() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private static ErrorCode failureOfCommit(FileStateStore store) {
        try {
            store.commit(List.of(put("plugins", "x", "y")));
        } catch (PluginException e) {
            return e.code();
        }
        throw new AssertionError("the commit did not fail");
    }

    private static Map<String, String> texts(FileStateStore store, String bucket) {
        Map<String, String> texts = new TreeMap<>();
        store.entries(bucket).forEach((key, value) -> texts.put(key, new String(value, UTF_8)));
        return texts;
    }

    private static Change put(String bucket, String key, String value) {
        return new Change(bucket, key, value.getBytes(UTF_8));
    }

    private static Change delete(String bucket, String key) {
        return new Change(bucket, key, null);
    }
}
