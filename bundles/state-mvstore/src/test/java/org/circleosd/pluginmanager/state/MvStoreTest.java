package org.circleosd.pluginmanager.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.StateStore;
import org.circleosd.pluginmanager.api.StateStore.Change;
import org.junit.jupiter.api.Test;

/** The contract, and how the state moves between the providers. */
class MvStoreTest extends StateStoreContract {

    @Override
    StateStore open(Path folder) {
        return MvStateStore.open(folder);
    }

    @Override
    void close(StateStore store) {
        ((QueuedStore) store).close();
    }

    @Test
    void stateOfTheOtherProvider_isTakenOver_andGoesBack() throws IOException {
        Path moved = temp.resolve("moved");
        try (QueuedStore journal = journal(moved)) {
            journal.commit(List.of(put("plugins", "a", "1"), put("kv.a", "k", "v")));
        }
        try (QueuedStore here = MvStateStore.open(moved)) {
            assertThat(texts(here, "plugins")).containsExactly(Map.entry("a", "1"));
            here.commit(List.of(put("plugins", "b", "2"), new Change("kv.a", "k", null)));
        }
        assertThat(files(moved)).containsExactly("state.mv", "store.lock");

        try (QueuedStore journal = journal(moved)) {
            Handover.begin(new FolderDisk(moved)).await();
            assertThat(texts(journal, "plugins")).containsExactly(Map.entry("a", "1"), Map.entry("b", "2"));
            assertThat(journal.entries("kv.a")).isEmpty();
            journal.commit(List.of(put("plugins", "c", "3")));
        }
        assertThat(files(moved)).containsExactly("journal.1", "store.lock");
        try (QueuedStore here = MvStateStore.open(moved)) {
            assertThat(texts(here, "plugins")).containsOnlyKeys("a", "b", "c");
        }
    }

    @Test
    void moveThatACrashInterrupted_isEnded() throws IOException {
        Path moved = temp.resolve("moved");
        try (QueuedStore here = MvStateStore.open(moved)) {
            here.commit(List.of(put("plugins", "a", "1")));
        }
        // As if it had stopped before the files of the other provider were deleted.
        try (QueuedStore journal = journal(temp.resolve("other"))) {
            journal.commit(List.of(put("plugins", "old", "0")));
        }
        Files.copy(temp.resolve("other/journal.1"), moved.resolve("journal.1"));
        Files.writeString(moved.resolve("state.mv.tmp"), "half");
        Files.writeString(moved.resolve("state"), "as good as written");

        Handover.begin(new FolderDisk(moved)).await();

        assertThat(files(moved)).contains("state").doesNotContain("state.mv", "journal.1");
        try (QueuedStore journal = journal(moved)) {
            assertThat(texts(journal, "plugins")).containsExactly(Map.entry("a", "1"));
        }
    }

    @Test
    void damagedJournal_isNotTakenOver() throws IOException {
        Path moved = temp.resolve("moved");
        try (QueuedStore journal = journal(moved)) {
            journal.commit(List.of(put("plugins", "a", "1")));
        }
        byte[] damaged = Files.readAllBytes(moved.resolve("journal.1"));
        damaged[70] ^= 1;
        Files.write(moved.resolve("journal.1"), damaged);

        try (QueuedStore here = MvStateStore.open(moved)) {
            assertFails(ErrorCode.STATE_CORRUPT, () -> here.entries("plugins"));
            assertFails(ErrorCode.STATE_CORRUPT, () -> here.commit(List.of(put("plugins", "b", "2"))));
        }
        assertThat(moved.resolve("journal.1")).hasBinaryContent(damaged);
        assertThat(files(moved)).containsExactly("journal.1", "store.lock");
    }

    @Test
    void fileThatIsNoMvStore_isRefused() throws IOException {
        Path folder = Files.createDirectories(temp.resolve("bad"));
        Files.writeString(folder.resolve("state.mv"), "x".repeat(10_000));

        try (QueuedStore here = MvStateStore.open(folder)) {
            assertFails(ErrorCode.STATE_CORRUPT, () -> here.commit(List.of(put("plugins", "b", "2"))));
        }
        assertThat(folder.resolve("state.mv")).hasContent("x".repeat(10_000));
    }

    @Test
    void fileIsTheOwners() throws IOException {
        store.commit(List.of(put("plugins", "a", "1")));

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder().resolve("state.mv"))))
                .isEqualTo("rw-------");
    }

    private static QueuedStore journal(Path folder) {
        return JournalStateStore.open(folder, 1 << 20);
    }

    private static List<String> files(Path folder) throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }
}
