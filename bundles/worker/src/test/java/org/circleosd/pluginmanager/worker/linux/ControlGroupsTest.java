package org.circleosd.pluginmanager.worker.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** With folders that look like the kernel's, and with the kernel's own. */
@Timeout(120)
class ControlGroupsTest {

    private static final List<String> CONTROLLERS = List.of("memory", "pids");
    /** Why there are none, for a process that may not make any or has none to make them in. */
    private static final String REASONS = "no control groups for memory and tasks are mounted"
            + "|the daemon's control group cannot limit memory and tasks; .*"
            + "|other processes are in the daemon's control group; .*"
            + "|the daemon may not make control groups in .*"
            + "|cannot make a control group in .*";

    private static final String SELF = Long.toString(ProcessHandle.current().pid());

    @TempDir
    private Path folder;

    @Test
    void noControllers_areNamedAsTheReason() {
        assertThatIOException()
                .isThrownBy(() -> ControlGroups.prepare(new ControlFolders(Map.of(), null)))
                .withMessageContaining("no control groups");
    }

    @Test
    void version2WithoutTheControllers_saysWhatToDo() throws IOException {
        unified("cpu", "", SELF);
        assertThatIOException()
                .isThrownBy(() -> ControlGroups.prepare(new ControlFolders(Map.of(), folder)))
                .withMessageContaining("Delegate=memory pids");
    }

    @Test
    void version2WithOthersInTheGroup_leavesThemAlone() throws IOException {
        unified("memory pids", "", "1\n" + SELF);
        assertThatIOException()
                .isThrownBy(() -> ControlGroups.prepare(new ControlFolders(Map.of(), folder)))
                .withMessageContaining("other processes");
        assertThat(folder.resolve("circleosd-daemon")).doesNotExist();
    }

    @Test
    void version2WithTheDaemonAlone_movesItToAGroupBelowAndPassesControllersOn() throws IOException {
        unified("cpu memory pids", "", SELF);
        // These are no kernel's folders: the probe fails, as a new group has no files. What was done before stays.
        assertThatIOException()
                .isThrownBy(() -> ControlGroups.prepare(new ControlFolders(Map.of(), folder)))
                .withMessageContaining("limits no memory");
        assertThat(folder.resolve("circleosd-daemon/cgroup.procs")).hasContent(SELF);
        assertThat(folder.resolve("cgroup.subtree_control")).hasContent("+memory +pids");
        assertThat(folder).isDirectoryNotContaining("glob:**circleosd-worker-*");
    }

    @Test
    void groupsOfDeadDaemons_areRemoved() throws IOException {
        unified("memory pids", "memory pids", "1");
        Path dead = Files.createDirectory(folder.resolve("circleosd-worker-999999999-17-1"));
        Path reusedPid = Files.createDirectory(folder.resolve("circleosd-worker-" + SELF + "-17-1"));
        Path foreign = Files.createDirectory(folder.resolve("circleosd-worker-notes"));
        assertThatIOException().isThrownBy(() -> ControlGroups.prepare(new ControlFolders(Map.of(), folder)));
        assertThat(dead).doesNotExist();
        assertThat(reusedPid).doesNotExist();
        assertThat(foreign).exists();
    }

    @Test
    void kernelsGroup_limitsAndIsRemoved_orTheReasonIsTold() throws Exception {
        ControlGroups groups;
        try {
            groups = ControlGroups.prepare(ControlFolders.ofSelf());
        } catch (IOException e) {
            assertThat(e).hasMessageMatching(REASONS);
            assertThat(mayMakeGroupsOfVersion1()).isFalse();
            return;
        }
        assertLimitsAndRemoves(groups);
    }

    private static void assertLimitsAndRemoves(ControlGroups groups) throws Exception {
        ControlGroup group = groups.make();
        Path tasks = group.folders().get(group.folders().size() - 1);
        group.limit(64 << 20, 5);
        assertThat(tasks.resolve("pids.max")).hasContent("5");
        Process sleeper = new ProcessBuilder("sleep", "60").start();
        group.add(Long.toString(sleeper.pid()));
        assertThat(tasks.resolve("cgroup.procs")).hasContent(Long.toString(sleeper.pid()));

        // Not while there is a process; that is noticed when the next group is made.
        groups.remove(group);
        assertThat(tasks).exists();
        sleeper.destroyForcibly().waitFor();
        groups.remove(groups.make());
        assertThat(tasks).doesNotExist();
    }

    /** Of version 2 it takes more than the right to write. */
    private static boolean mayMakeGroupsOfVersion1() throws IOException {
        Map<String, Path> folders = ControlFolders.ofSelf().byController();
        return folders.keySet().containsAll(CONTROLLERS)
                && CONTROLLERS.stream().map(folders::get).allMatch(Files::isWritable);
    }

    private void unified(String controllers, String passedOn, String members) throws IOException {
        for (Map.Entry<String, String> file : Map.of(
                        "cgroup.controllers", controllers,
                        "cgroup.subtree_control", passedOn,
                        "cgroup.procs", members)
                .entrySet()) {
            Files.writeString(folder.resolve(file.getKey()), file.getValue() + "\n");
        }
    }
}
