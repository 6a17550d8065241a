package org.circleosd.pluginmanager.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
class PluginFolderTest {

    @TempDir
    Path temp;

    private final FakeHost host = new FakeHost();
    private final ServiceGate<PluginHost> gate = new ServiceGate<>("plugin host", Duration.ZERO, Duration.ZERO);
    private Path folder;
    private PluginFolder watched;
    /** Rises with each write, so that no two writes have the same time. */
    private long clock = 1_000;

    @BeforeEach
    void watch() throws IOException {
        folder = Files.createDirectory(temp.resolve("plugins"));
        gate.bind(host);
        restart();
        pass();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.wasm", "a.so", "a.dll", "a.dylib"})
    void pluginFile_isLoadedWhenItDidNotChangeBetweenTwoLooks(String name) throws IOException {
        write(name, "ok");
        assertThat(pass()).isEmpty();
        assertThat(pass()).containsExactly("load a");
        assertThat(pass()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"a.json", "a.txt", "wasm", ".a.wasm", ".wasm", "a.wasm.part"})
    void otherFile_isLeftAlone(String name) throws IOException {
        write(name, "ok");
        assertThat(settle()).isEmpty();
    }

    @Test
    void fileThatGrows_isLoadedWhenItIsWhole() throws IOException {
        write("a.wasm", "o");
        pass();
        write("a.wasm", "ok");
        assertThat(pass()).isEmpty();
        assertThat(pass()).containsExactly("load a");
    }

    @Test
    void halfWrittenFile_isTriedOnceAndAgainWhenItChanges() throws IOException {
        write("a.wasm", "o");
        assertThat(settle()).containsExactly("refuse a");
        assertThat(settle()).isEmpty();
        write("a.wasm", "ok");
        assertThat(settle()).containsExactly("load a");
    }

    @Test
    void fileThatNeedsAnother_isLoadedAfterItWhicheverCameFirst() throws IOException {
        write("a.wasm", "needs-b");
        assertThat(settle()).containsExactly("refuse a");
        assertThat(settle()).isEmpty();
        write("c.wasm", "needs-a");
        write("b.wasm", "ok");
        List<String> done = settle();
        done.addAll(settle());
        assertThat(done).contains("load b", "load a").endsWith("load c");
        assertThat(settle()).isEmpty();
    }

    @Test
    void fileThatNeedsWhatAClientLoads_isLoadedThen() throws IOException {
        write("a.wasm", "needs-b");
        assertThat(settle()).containsExactly("refuse a");
        host.load(LoadRequest.of(Files.writeString(temp.resolve("b.wasm"), "ok")));
        assertThat(settle()).contains("load a");
    }

    @Test
    void changedFile_isReplaced() throws IOException {
        write("a.wasm", "ok");
        settle();
        write("a.wasm", "ok a 2");
        assertThat(settle()).containsExactly("upgrade a");
    }

    @Test
    void badChange_leavesTheOldOne() throws IOException {
        write("a.wasm", "ok");
        settle();
        write("a.wasm", "broken");
        assertThat(settle()).containsExactly("refuse a");
        assertThat(host.list()).hasSize(1);
        Files.delete(folder.resolve("a.wasm"));
        assertThat(settle()).containsExactly("unload a");
    }

    @Test
    void touchedFile_isLeftAlone() throws IOException {
        write("a.wasm", "ok");
        settle();
        write("a.wasm", "ok");
        assertThat(settle()).isEmpty();
    }

    @Test
    void manifest_thatComesChangesOrGoes_replaces() throws IOException {
        write("a.wasm", "ok");
        settle();
        write("a.json", "{}");
        assertThat(settle()).containsExactly("upgrade a");
        write("a.json", "{ }");
        assertThat(settle()).containsExactly("upgrade a");
        Files.delete(folder.resolve("a.json"));
        assertThat(settle()).containsExactly("upgrade a");
    }

    @Test
    void manifestThatIsBeingWritten_isWaitedFor() throws IOException {
        write("a.json", "{");
        write("a.wasm", "ok");
        pass();
        write("a.json", "{}");
        assertThat(pass()).isEmpty();
        assertThat(pass()).containsExactly("load a");
    }

    @Test
    void fileThatGoes_isUnloaded() throws IOException {
        write("a.wasm", "ok");
        settle();
        Files.delete(folder.resolve("a.wasm"));
        assertThat(pass()).containsExactly("unload a");
        assertThat(settle()).isEmpty();
    }

    @Test
    void renamedFile_keepsItsId() throws IOException {
        write("a.wasm", "ok same");
        settle();
        Files.move(folder.resolve("a.wasm"), folder.resolve("b.wasm"));
        assertThat(settle()).containsExactly("unload same", "load same");
    }

    @Test
    void takenId_isTriedAgainWhenItIsFree() throws IOException {
        write("a.wasm", "ok same");
        settle();
        write("b.wasm", "ok same");
        assertThat(settle()).isEmpty();
        Files.delete(folder.resolve("a.wasm"));
        assertThat(settle()).containsExactly("unload same", "load same");
    }

    @Test
    void folderThatCannotBeListed_unloadsNothing() throws IOException {
        write("a.wasm", "ok");
        settle();
        Files.move(folder, temp.resolve("elsewhere"));
        assertThat(settle()).isEmpty();
        Files.move(temp.resolve("elsewhere"), folder);
        assertThat(settle()).isEmpty();
    }

    @Test
    void hostIsAway_isTriedAgainUntilItIsThere() throws IOException {
        gate.unbind(host);
        write("a.wasm", "ok");
        pass();
        assertThat(watched.pass().join()).isFalse();
        gate.bind(host);
        assertThat(pass()).containsExactly("load a");
        assertThat(watched.pass().join()).isTrue();
    }

    @Test
    void firstLook_dealsWithWhatIsThere() throws IOException {
        write("a.wasm", "ok");
        restart();
        assertThat(pass()).containsExactly("load a");
    }

    @Test
    void restart_ofSameFiles_doesNothing() throws IOException {
        write("a.wasm", "ok");
        settle();
        restart();
        assertThat(settle()).isEmpty();
    }

    @Test
    void pluginThatAClientUnloaded_staysSoOverARestart_untilItsFileChanges() throws IOException {
        write("a.wasm", "ok");
        settle();
        host.unload(new PluginId("a"));
        host.done.clear();
        restart();
        assertThat(settle()).isEmpty();
        write("a.wasm", "ok a 2");
        assertThat(settle()).containsExactly("load a");
    }

    @Test
    void fileThatChangedWhileNobodyWatched_isReplaced() throws IOException {
        write("a.wasm", "ok");
        settle();
        write("a.wasm", "ok a 2");
        restart();
        assertThat(pass()).containsExactly("upgrade a");
    }

    @Test
    void fileThatWentWhileNobodyWatched_isUnloaded_alsoWithoutARecord() throws IOException {
        write("a.wasm", "ok");
        settle();
        Files.delete(folder.resolve("a.wasm"));
        Files.delete(temp.resolve("deployed"));
        restart();
        assertThat(pass()).containsExactly("unload a");
    }

    @Test
    void lostRecord_loadsNothingTwice() throws IOException {
        write("a.wasm", "ok");
        settle();
        Files.writeString(temp.resolve("deployed"), "\\u00zz=damaged");
        restart();
        assertThat(settle()).isEmpty();
    }

    @Test
    void pluginOfAClient_fromElsewhere_isLeftAlone() throws IOException {
        Path other = Files.writeString(temp.resolve("mine.wasm"), "ok");
        host.load(LoadRequest.of(other));
        host.done.clear();
        Files.delete(other);
        restart();
        assertThat(settle()).isEmpty();
    }

    private void restart() {
        DeployedRecord record = new DeployedRecord(temp.resolve("deployed"));
        watched = new PluginFolder(new WatchedFolder(folder), record, new PluginDeployer(gate, record), Runnable::run);
    }

    /** Looks twice, so that all that changed before is settled. */
    private List<String> settle() {
        List<String> done = new ArrayList<>(pass());
        done.addAll(pass());
        return done;
    }

    private List<String> pass() {
        watched.pass().join();
        List<String> done = List.copyOf(host.done);
        host.done.clear();
        return done;
    }

    private void write(String name, String content) throws IOException {
        Path file = Files.writeString(folder.resolve(name), content);
        Files.setLastModifiedTime(file, FileTime.fromMillis(clock++));
    }
}
