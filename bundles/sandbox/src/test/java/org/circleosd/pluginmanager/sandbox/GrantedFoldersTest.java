package org.circleosd.pluginmanager.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Programs that look at their folders from inside: {@code files.c} says what they expect. */
@Timeout(120)
class GrantedFoldersTest {

    private static final List<String> GROUPS = List.of(
            "open",
            "paths",
            "append",
            "rename",
            "symlinks",
            "hardlinks",
            "rights",
            "sizes",
            "readdir",
            "times",
            "renumber",
            "poll",
            "descriptors",
            "library",
            "speed");

    /** Compiled once: a command begins anew in each call. */
    private static final Plugins SHARED = new Plugins();

    @TempDir
    private static Path sharedFolder;

    private static LoadedPlugin inMemory;
    private static LoadedPlugin onHost;

    private final Plugins plugins = new Plugins();

    @TempDir
    private Path folder;

    @BeforeAll
    static void load() {
        inMemory = SHARED.granting("fs", fs(data("rw", null, ""))).load("files");
        onHost = SHARED.granting("fs", fs(data("rw", sharedFolder, ""))).load("files");
    }

    @AfterAll
    static void closeShared() {
        SHARED.close();
    }

    @AfterEach
    void close() {
        plugins.close();
    }

    @ParameterizedTest
    @FieldSource("GROUPS")
    void programInMemory_findsTheFilesAsWasiHasThem(String group) {
        assertThat(Plugins.text(inMemory, group, "")).isEqualTo("ok\n");
    }

    @ParameterizedTest
    @FieldSource("GROUPS")
    void programOnTheHost_findsTheFilesAsWasiHasThemAndLeavesNothingElse(String group) throws IOException {
        assertThat(Plugins.text(onHost, group, "")).isEqualTo("ok\n");
        assertThat(sharedFolder).isEmptyDirectory();
        assertThat(openIn(sharedFolder)).isZero();
    }

    @Test
    void programInAssemblyScript_findsTheFilesAsWasiHasThem() {
        for (Path path : Arrays.asList(null, folder)) {
            LoadedPlugin plugin =
                    plugins.granting("fs", fs(data("rw", path, ""))).load("files-as");
            assertThat(Plugins.text(plugin, "run", "")).isEqualTo("ok\n");
        }
        assertThat(folder).isEmptyDirectory();
    }

    @Test
    void quotaInMemory_isNotExceeded() {
        quotaIsNotExceeded(null);
    }

    @Test
    void quotaOnTheHost_isNotExceeded() {
        quotaIsNotExceeded(folder);
    }

    @Test
    void folderGrantedForReading_cannotBeChanged() throws IOException {
        Files.writeString(folder.resolve("file"), "content");
        Files.createDirectory(folder.resolve("dir"));
        LoadedPlugin plugin = plugins.granting(
                        "fs", fs(data("ro", folder, "") + ",{\"name\":\"tmp\",\"access\":\"rw\"}"))
                .load("files");
        assertThat(Plugins.text(plugin, "readonly", "")).isEqualTo("ok\n");
        assertThat(folder.resolve("file")).hasContent("content");
        assertThat(folder.resolve("dir")).isEmptyDirectory();
    }

    @Test
    void whatACallOpensAndKeepsInMemory_isGoneInTheNext() {
        assertThat(Plugins.text(inMemory, "leave", "")).isEqualTo("ok\n");
        assertThat(Plugins.text(inMemory, "find", "")).isEqualTo("ok\n");
    }

    @Test
    void environment_isWhatConfigAndGrantSay() {
        LoadedPlugin plugin =
                plugins.granting("env", "{\"TOKEN\":\"t=1\",\"LANG\":\"en\"}").load("files");
        assertThat(Plugins.text(plugin, "environment", "")).isEqualTo("LANG=en\nTOKEN=t=1\nok\n");
    }

    @Test
    void grantOfAFolderThatIsNotThere_failsTheLoadWithItsPath() {
        plugins.granting("fs", fs("{\"name\":\"data\",\"access\":\"ro\",\"path\":\"" + folder.resolve("none") + "\"}"));
        Failures.assertFails(ErrorCode.PATH_INVALID, () -> plugins.load("files"))
                .contains("none", "a folder");
    }

    private void quotaIsNotExceeded(@Nullable Path path) {
        LoadedPlugin plugin = plugins.granting("fs", fs(data("rw", path, ",\"quota_bytes\":65536")))
                .load("files");
        assertThat(Plugins.text(plugin, "quota", "")).isEqualTo("ok\n");
    }

    private static String data(String access, @Nullable Path path, String more) {
        String where = path == null ? "" : ",\"path\":\"" + path + "\"";
        return "{\"name\":\"data\",\"access\":\"" + access + "\"" + where + more + "}";
    }

    private static String fs(String folders) {
        return "[" + folders + "]";
    }

    /** Counts this process's descriptors of entries in the folder; Linux only, elsewhere none. */
    private static long openIn(Path folder) throws IOException {
        Path descriptors = Path.of("/proc/self/fd");
        if (!Files.isDirectory(descriptors)) {
            return 0;
        }
        try (Stream<Path> all = Files.list(descriptors)) {
            return all.filter(descriptor -> leadsInto(descriptor, folder)).count();
        }
    }

    private static boolean leadsInto(Path descriptor, Path folder) {
        try {
            return Files.readSymbolicLink(descriptor).startsWith(folder.toRealPath());
        } catch (IOException e) {
            // Closed since it was listed.
            return false;
        }
    }
}
