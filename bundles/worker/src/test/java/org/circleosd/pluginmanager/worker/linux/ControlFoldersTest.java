package org.circleosd.pluginmanager.worker.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ControlFoldersTest {

    @Test
    void version1_hasAFolderForEachController() {
        ControlFolders folders = ControlFolders.of(
                List.of(
                        "31 23 0:28 / /sys/fs/cgroup rw,relatime - tmpfs tmpfs rw,mode=755",
                        "32 31 0:29 / /sys/fs/cgroup/cpu,cpuacct rw,relatime shared:9 - cgroup cgroup rw,cpu,cpuacct",
                        "35 31 0:32 / /sys/fs/cgroup/memory rw,relatime - cgroup cgroup rw,memory",
                        "39 31 0:36 / /sys/fs/cgroup/pids rw,relatime - cgroup cgroup rw,pids",
                        "40 31 0:37 / /sys/fs/cgroup/systemd rw,relatime - cgroup cgroup rw,name=systemd"),
                List.of("9:name=systemd:/", "8:pids:/", "4:memory:/daemon/one", "2:cpu,cpuacct:/x"));
        assertThat(folders.byController())
                .containsEntry("memory", Path.of("/sys/fs/cgroup/memory/daemon/one"))
                .containsEntry("pids", Path.of("/sys/fs/cgroup/pids"))
                .containsEntry("cpuacct", Path.of("/sys/fs/cgroup/cpu,cpuacct/x"));
        assertThat(folders.unified()).isNull();
    }

    @Test
    void version2_hasOneFolder() {
        ControlFolders folders = ControlFolders.of(
                List.of("25 1 0:22 / /sys/fs/cgroup rw,nosuid - cgroup2 cgroup2 rw,nsdelegate"),
                List.of("0::/system.slice/plugin-manager.service"));
        assertThat(folders.byController()).isEmpty();
        assertThat(folders.unified()).isEqualTo(Path.of("/sys/fs/cgroup/system.slice/plugin-manager.service"));
    }

    @Test
    void containerThatSeesAPartOfTheTree_findsItsFolderInThatPart() {
        ControlFolders folders = ControlFolders.of(
                List.of("35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro,relatime - cgroup cgroup rw,memory"),
                List.of("4:memory:/docker/abc/inner"));
        assertThat(folders.byController()).isEqualTo(Map.of("memory", Path.of("/sys/fs/cgroup/memory/inner")));
    }

    @Test
    void groupOutsideTheMountedPart_isTheMountItself() {
        ControlFolders folders = ControlFolders.of(
                List.of("35 31 0:32 /docker/abc /sys/fs/cgroup/memory ro,relatime - cgroup cgroup rw,memory"),
                List.of("4:memory:/elsewhere"));
        assertThat(folders.byController()).isEqualTo(Map.of("memory", Path.of("/sys/fs/cgroup/memory")));
    }

    @Test
    void systemWithoutControlGroups_hasNone() {
        ControlFolders folders = ControlFolders.of(List.of("23 1 0:5 / / rw - ext4 /dev/root rw"), List.of());
        assertThat(folders).isEqualTo(new ControlFolders(Map.of(), null));
    }
}
