package org.circleosd.pluginmanager.worker.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where this process's control groups are.
 *
 * @param byController of version 1: the folder of each controller, such as {@code memory}
 * @param unified of version 2; null if that is not mounted
 */
record ControlFolders(
        Map<String, Path> byController, @Nullable Path unified) {

    // "36 35 98:0 /root /mount/point rw,relatime shared:1 - type source options"; see proc(5).
    private static final int ROOT = 3;
    private static final int MOUNT_POINT = 4;

    /** Reads them of the system. */
    static ControlFolders ofSelf() throws IOException {
        return of(
                Files.readAllLines(Path.of("/proc/self/mountinfo")), Files.readAllLines(Path.of("/proc/self/cgroup")));
    }

    /**
     * Finds them.
     *
     * @param mounts lines of {@code /proc/self/mountinfo}
     * @param groups lines of {@code /proc/self/cgroup}
     */
    static ControlFolders of(List<String> mounts, List<String> groups) {
        Map<String, String> paths = new HashMap<>();
        for (String group : groups) {
            // "4:memory:/path", of version 2 "0::/path".
            List<String> parts = Arrays.asList(group.split(":", 3));
            for (String controller : parts.get(1).split(",", -1)) {
                paths.put(controller, parts.get(2));
            }
        }
        Map<String, Path> folders = new HashMap<>();
        for (String mount : mounts) {
            List<String> words = Arrays.asList(mount.split(" ", -1));
            int dash = words.indexOf("-");
            String type = words.get(dash + 1);
            if (type.equals("cgroup2")) {
                add(folders, "", words, paths);
            } else if (type.equals("cgroup")) {
                for (String option : words.get(dash + 3).split(",", -1)) {
                    add(folders, option, words, paths);
                }
            }
        }
        Path unified = folders.remove("");
        return new ControlFolders(Map.copyOf(folders), unified);
    }

    // In a container the mount may show only a part of the tree: the path below that part counts.
    private static void add(
            Map<String, Path> folders, String controller, List<String> mount, Map<String, String> paths) {
        String path = paths.get(controller);
        if (path == null) {
            return;
        }
        Path root = Path.of(mount.get(ROOT));
        Path group = Path.of(path);
        Path below = group.startsWith(root) ? root.relativize(group) : Path.of("");
        folders.putIfAbsent(
                controller, Path.of(mount.get(MOUNT_POINT)).resolve(below).normalize());
    }
}
