package org.circleosd.pluginmanager.state;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.FutureTask;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.StateStore;
import org.circleosd.pluginmanager.api.StateStore.Change;
import org.junit.jupiter.api.Test;

/** The contract, and what is of this store only, on the real file system. */
class JournalStoreTest extends StateStoreContract {

    private static final long MAX_BYTES = 1 << 20;

    @Override
    StateStore open(Path folder) {
        Disk disk = new FolderDisk(folder);
        return new QueuedStore(disk, new JournalWriter(disk, MAX_BYTES, 4096, Runnable::run));
    }

    @Override
    void close(StateStore store) {
        ((QueuedStore) store).close();
    }

    @Test
    void stateThatWouldBeTooLarge_isRefusedAndMayShrink() {
        store.commit(List.of(new Change("kv", "half", new byte[(int) MAX_BYTES / 2])));

        assertFails(
                ErrorCode.TOO_LARGE,
                () -> store.commit(
                        List.of(put("plugins", "a", "1"), new Change("kv", "large", new byte[(int) MAX_BYTES / 2]))));
        assertThat(store.entries("plugins")).isEmpty();
        store.commit(List.of(delete("kv", "half")));
        store.commit(List.of(new Change("kv", "large", new byte[(int) MAX_BYTES / 2])));

        assertThat(openAgain().entries("kv")).containsOnlyKeys("large");
    }

    @Test
    void filesAreTheOwners() throws IOException {
        store.commit(List.of(put("plugins", "a", "1")));
        close(store);

        assertThat(mode(folder())).isEqualTo("rwx------");
        assertThat(mode(folder().resolve("journal.1"))).isEqualTo("rw-------");
        assertThat(files()).containsExactly("journal.1", "store.lock");
    }

    @Test
    void startAndStop_leaveTheJournalAsItIs() throws IOException {
        store.commit(List.of(put("plugins", "a", "1")));
        close(store);
        byte[] before = Files.readAllBytes(folder().resolve("journal.1"));
        close(openAgain());

        assertThat(folder().resolve("journal.1")).hasBinaryContent(before);
    }

    @Test
    void longJournal_becomesASnapshot_andTheLastTwoAreKept() throws IOException {
        for (int i = 0; i < 100; i++) {
            store.commit(List.of(new Change("kv", "key-" + i % 7, new byte[400])));
        }
        close(store);

        List<String> files = files();
        assertThat(files.stream().filter(name -> name.startsWith("snapshot."))).hasSize(2);
        assertThat(files.stream().filter(name -> name.startsWith("journal."))).hasSize(2);
        assertThat(openAgain().entries("kv")).hasSize(7);
    }

    @Test
    void leftOverOfACrash_isRemovedAndNotRead() throws IOException {
        store.commit(List.of(put("plugins", "a", "1")));
        close(store);
        Files.writeString(folder().resolve("snapshot.2.tmp"), "half");
        Files.writeString(folder().resolve("state.123.tmp"), "half");

        assertThat(texts(openAgain(), "plugins")).containsExactly(Map.entry("a", "1"));
        assertThat(files()).containsExactly("journal.1", "store.lock");
    }

    @Test
    void damageBeforeValidRecords_isCopiedAside_whatIsSureIsRead_andNothingIsWritten() throws IOException {
        Path journal = damagedJournal();
        byte[] damaged = Files.readAllBytes(journal);

        StateStore again = openAgain();

        assertThat(texts(again, "plugins")).containsExactly(Map.entry("a", "1"));
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> again.commit(List.of(put("plugins", "b", "2"))))
                .withMessageContaining(journal.toString())
                .withMessageContaining("journal.1.corrupt-1")
                .withMessageContaining("accept-loss")
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.STATE_CORRUPT);
        openAgain();
        assertThat(journal).hasBinaryContent(damaged);
        assertThat(folder().resolve("journal.1.corrupt-1")).hasBinaryContent(damaged);
        assertThat(files()).containsExactly("journal.1", "journal.1.corrupt-1", "store.lock");
    }

    @Test
    void acceptedLoss_goesOnWithWhatIsSure() throws IOException {
        damagedJournal();
        Files.createFile(folder().resolve("accept-loss"));

        openAgain().commit(List.of(put("plugins", "d", "4")));

        assertThat(texts(openAgain(), "plugins")).containsExactly(Map.entry("a", "1"), Map.entry("d", "4"));
        assertThat(files()).doesNotContain("accept-loss").contains("journal.1.corrupt-1");
    }

    @Test
    void damagedSnapshot_costsNothing() throws IOException {
        for (int i = 0; i < 40; i++) {
            store.commit(List.of(new Change("kv", "key-" + i, new byte[400])));
        }
        close(store);
        List<String> snapshots =
                files().stream().filter(name -> name.startsWith("snapshot.")).toList();
        Path last = folder().resolve(snapshots.get(snapshots.size() - 1));
        byte[] damaged = Files.readAllBytes(last);
        damaged[damaged.length / 2] ^= 1;
        Files.write(last, damaged);

        StateStore again = openAgain();

        assertThat(again.entries("kv")).hasSize(40);
        again.commit(List.of(put("plugins", "a", "1")));
        assertThat(files()).contains(last.getFileName() + ".corrupt-1");
        assertThat(openAgain().entries("kv")).hasSize(40);
    }

    @Test
    void linkInTheJournalsPlace_isNotOpened() throws Exception {
        store.commit(List.of(put("plugins", "a", "1")));
        close(store);
        Path journal = folder().resolve("journal.1");
        Files.delete(journal);
        Files.createSymbolicLink(journal, temp.resolve("elsewhere"));

        assertFails(ErrorCode.STATE_READ_ONLY, () -> openAgain().commit(List.of(put("plugins", "b", "2"))));
    }

    @Test
    void folderThatIsAwayForAWhile_isUsedAgain() throws IOException {
        store.commit(List.of(put("plugins", "a", "1")));
        Path away = folder().resolveSibling("away");
        Files.move(folder(), away);

        assertFails(ErrorCode.STATE_READ_ONLY, () -> store.commit(List.of(put("plugins", "lost", "2"))));
        Files.move(away, folder());
        assertThat(texts(store, "plugins")).containsExactly(Map.entry("a", "1"));
        store.commit(List.of(put("plugins", "b", "2")));

        assertThat(texts(openAgain(), "plugins")).containsExactly(Map.entry("a", "1"), Map.entry("b", "2"));
    }

    @Test
    void journalThatWasDeletedInUse_isWrittenAgainWhole() throws IOException {
        store.commit(List.of(put("plugins", "a", "1")));
        for (String name : files()) {
            Files.delete(folder().resolve(name));
        }
        store.commit(List.of(put("plugins", "b", "2")));

        assertThat(texts(openAgain(), "plugins")).containsExactly(Map.entry("a", "1"), Map.entry("b", "2"));
    }

    @Test
    void folderThatCannotBeMade_readsEmptyAndRefusesCommits() throws IOException {
        Path file = Files.writeString(temp.resolve("file"), "a file in the folder's place");
        StateStore unusable = open(file.resolve("state"));

        assertThat(unusable.entries("plugins")).isEmpty();
        assertFails(ErrorCode.STATE_READ_ONLY, () -> unusable.commit(List.of(put("plugins", "b", "2"))));
        close(unusable);
    }

    @Test
    void stateOfAnotherProvider_isWaitedFor() throws Exception {
        assertThat(store.entries("plugins")).isEmpty();
        close(store);
        Path other = Files.createFile(folder().resolve("state.mv"));
        StateStore waiting = openAgain();
        FutureTask<Map<String, byte[]>> read = new FutureTask<>(() -> waiting.entries("plugins"));
        Thread reader = new Thread(read);
        reader.start();
        while (reader.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        Files.write(
                folder().resolve("state"), StateFormat.encode(Entries.NONE.with(List.of(put("plugins", "a", "1")))));
        Files.delete(other);

        assertThat(read.get()).containsOnlyKeys("a");
        assertThat(files()).containsExactly("journal.1", "store.lock");
    }

    @Test
    void fileOfTheFirstVersion_isTakenOverOnce() throws IOException {
        assertThat(store.entries("plugins")).isEmpty();
        close(store);
        byte[] old = StateFormat.encode(Entries.NONE.with(List.of(put("plugins", "a", "1"), put("kv", "b", "2"))));
        Files.write(folder().resolve("state"), old);
        assertThat(texts(openAgain(), "kv")).containsExactly(Map.entry("b", "2"));
        assertThat(folder().resolve("state")).doesNotExist();
        // As after a crash between the commit and the removal.
        Files.write(folder().resolve("state"), old);
        StateStore again = openAgain();
        again.commit(List.of(put("plugins", "c", "3")));
        assertThat(folder().resolve("state")).doesNotExist();

        close(again);
        Files.write(folder().resolve("state"), old);
        assertFails(ErrorCode.STATE_CORRUPT, () -> openAgain().commit(List.of(put("plugins", "d", "4"))));
        assertThat(folder().resolve("state")).hasBinaryContent(old);
    }

    @Test
    void damagedFileOfTheFirstVersion_isCopiedAsideAndNotWrittenOver() throws IOException {
        assertThat(store.entries("plugins")).isEmpty();
        close(store);
        Files.writeString(folder().resolve("state"), "damaged");

        assertFails(ErrorCode.STATE_CORRUPT, () -> openAgain().commit(List.of(put("plugins", "d", "4"))));
        assertThat(folder().resolve("state")).hasContent("damaged");
        assertThat(folder().resolve("state.corrupt-1")).hasContent("damaged");
    }

    @Test
    void settings_areCheckedByName() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JournalStateStore.folder(" "))
                .withMessageStartingWith("dir is empty");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> JournalStateStore.maxBytes(-1))
                .withMessageStartingWith("max.bytes is -1");
        assertThat(JournalStateStore.maxBytes(0)).isPositive();
    }

    private Path damagedJournal() throws IOException {
        store.commit(List.of(put("plugins", "a", "1")));
        store.commit(List.of(put("plugins", "b", "2")));
        store.commit(List.of(put("plugins", "c", "3")));
        close(store);
        Path journal = folder().resolve("journal.1");
        byte[] content = Files.readAllBytes(journal);
        int frame = (content.length - FileHeader.BYTES - Frame.HEADER_BYTES) / 3;
        content[FileHeader.BYTES + frame + frame / 2] ^= 4;
        Files.write(journal, content);
        return journal;
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder())) {
            return files.map(path -> path.getFileName().toString()).sorted().toList();
        }
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
