package org.circleosd.pluginmanager.state;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.StateStore;
import org.circleosd.pluginmanager.api.StateStore.Change;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What every state store does. */
@Timeout(60)
abstract class StateStoreContract {

    @TempDir
    Path temp;

    private final List<StateStore> opened = new ArrayList<>();

    /** Opens a store in a folder that may not be there. */
    abstract StateStore open(Path folder);

    abstract void close(StateStore store);

    StateStore store;

    @BeforeEach
    void openFirst() {
        store = openAgain();
    }

    @AfterEach
    void closeAll() {
        opened.forEach(this::close);
    }

    Path folder() {
        return temp.resolve("a/state-folder");
    }

    /** Opens a store on what the ones before left. */
    StateStore openAgain() {
        opened.forEach(this::close);
        StateStore next = open(folder());
        opened.add(next);
        return next;
    }

    @Test
    void newFolder_isEmpty() {
        assertThat(store.entries("plugins")).isEmpty();
    }

    @Test
    void reopenedStore_hasWhatWasCommitted() {
        store.commit(List.of(put("plugins", "b", "2"), put("plugins", "a", "1"), put("kv", "ä/\u0000", "")));
        store.commit(List.of(put("plugins", "b", "3"), delete("plugins", "a"), delete("none", "none")));

        StateStore again = openAgain();

        assertThat(texts(again, "plugins")).containsExactly(Map.entry("b", "3"));
        assertThat(texts(again, "kv")).containsExactly(Map.entry("ä/\u0000", ""));
        assertThat(again.entries("none")).isEmpty();
    }

    @Test
    void changesOfOneCommit_areMadeInTheirOrder() {
        store.commit(List.of(put("b", "k", "1"), delete("b", "k"), put("b", "k", "2"), put("b", "gone", "1")));
        store.commit(List.of(put("b", "gone", "2"), delete("b", "gone")));

        assertThat(texts(store, "b")).containsExactly(Map.entry("k", "2"));
        assertThat(texts(openAgain(), "b")).containsExactly(Map.entry("k", "2"));
    }

    @Test
    void entries_areSortedAndNobodyElses() {
        byte[] value = "1".getBytes(UTF_8);
        store.commit(List.of(put("plugins", "b", "2"), new Change("plugins", "a", value)));
        value[0] = 'x';
        Map<String, byte[]> before = store.entries("plugins");
        before.get("b")[0] = 'x';
        store.commit(List.of(put("plugins", "c", "3")));

        assertThat(before).containsOnlyKeys("a", "b");
        assertThat(texts(store, "plugins"))
                .containsExactly(Map.entry("a", "1"), Map.entry("b", "2"), Map.entry("c", "3"));
    }

    @Test
    void badName_changesNothing() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.commit(List.of(put("plugins", "a", "1"), put("plugins", "", "2"))));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> store.commit(List.of(put("plugins", "é".repeat(128), "2"))));
        assertThatIllegalArgumentException().isThrownBy(() -> store.commit(List.of(put("\ud800", "a", "2"))));
        assertThat(store.entries("plugins")).isEmpty();
    }

    @Test
    void longestNames_areKept() {
        store.commit(List.of(put("b".repeat(255), "é".repeat(127) + "k", "1")));

        assertThat(texts(openAgain(), "b".repeat(255))).containsExactly(Map.entry("é".repeat(127) + "k", "1"));
    }

    @Test
    void closedStore_refusesCommits() {
        close(store);

        assertFails(ErrorCode.UNAVAILABLE, () -> store.commit(List.of(put("plugins", "x", "y"))));
    }

    @Test
    void newerStore_goesOnWhereTheOlderOneStops() throws Exception {
        store.commit(List.of(put("plugins", "a", "1")));
        StateStore newer = open(folder());
        opened.add(newer);
        ExecutorService pool = Executors.newSingleThreadExecutor();
        Future<?> commit = pool.submit(() -> newer.commit(List.of(put("plugins", "c", "3"))));
        pool.shutdown();
        store.commit(List.of(put("plugins", "b", "2")));
        close(store);
        commit.get();

        assertThat(texts(newer, "plugins"))
                .containsExactly(Map.entry("a", "1"), Map.entry("b", "2"), Map.entry("c", "3"));
    }

    @Test
    void interruptedCaller_commitsAndStaysInterrupted() {
        assertThat(store.entries("b")).isEmpty();
        for (int i = 0; i < 20; i++) {
            Thread.currentThread().interrupt();
            store.commit(List.of(put("b", "key-" + i, "v")));
            assertThat(Thread.interrupted()).isTrue();
        }
        assertThat(openAgain().entries("b")).hasSize(20);
    }

    @Test
    void commitsOfManyThreads_areAllKept() throws Exception {
        int threads = 4;
        int each = 25;
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

        StateStore reopened = openAgain();
        assertThat(texts(reopened, "last")).hasSize(threads).allSatisfy((key, value) -> assertThat(value)
                .isEqualTo("" + (each - 1)));
        assertThat(reopened.entries("thread-0")).hasSize(each);
    }

    static void assertFails(ErrorCode code, Runnable work) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(work::run)
                .extracting(PluginException::code)
                .isEqualTo(code);
    }

    static Map<String, String> texts(StateStore store, String bucket) {
        Map<String, String> texts = new TreeMap<>();
        store.entries(bucket).forEach((key, value) -> texts.put(key, new String(value, UTF_8)));
        return texts;
    }

    static Change put(String bucket, String key, String value) {
        return new Change(bucket, key, value.getBytes(UTF_8));
    }

    static Change delete(String bucket, String key) {
        return new Change(bucket, key, null);
    }
}
