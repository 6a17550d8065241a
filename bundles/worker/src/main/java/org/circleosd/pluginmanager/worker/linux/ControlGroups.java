package org.circleosd.pluginmanager.worker.linux;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;

/**
 * Makes a control group for each worker, below the daemon's own. The names carry the daemon's pid and start: what a dead
 * daemon left is removed by the next one.
 */
final class ControlGroups {

    private static final String PREFIX = "circleosd-worker-";
    private static final String DAEMON = "circleosd-daemon";
    private static final String CHILD_CONTROLLERS = "cgroup.subtree_control";
    private static final List<String> CONTROLLERS = List.of("memory", "pids");
    private static final String ADVICE = "; start it as a service of its own (systemd: Delegate=memory pids)";

    private final List<Path> parents;
    private final String prefix = PREFIX + nameOf(ProcessHandle.current()) + "-";
    private final List<ControlGroup> leftOver = new ArrayList<>();
    private int count;

    private ControlGroups(List<Path> parents) {
        this.parents = parents;
    }

    /**
     * Finds where groups can be made, removes those of dead daemons, and makes and removes one.
     *
     * @throws IOException if none can be made, with the reason
     */
    static ControlGroups prepare(ControlFolders folders) throws IOException {
        ControlGroups groups = new ControlGroups(parents(folders));
        groups.removeStale();
        ControlGroup probe = groups.make();
        try {
            probe.limit(1L << 30, 1L << 10);
        } finally {
            groups.remove(probe);
        }
        return groups;
    }

    private static List<Path> parents(ControlFolders folders) throws IOException {
        if (folders.byController().keySet().containsAll(CONTROLLERS)) {
            return CONTROLLERS.stream()
                    .map(controller ->
                            Objects.requireNonNull(folders.byController().get(controller)))
                    .distinct()
                    .toList();
        }
        Path unified = folders.unified();
        if (unified == null) {
            throw new IOException("no control groups for memory and tasks are mounted");
        }
        return List.of(delegated(unified));
    }

    // Of version 2, a group that has processes cannot pass controllers on: the daemon first moves to a group below.
    private static Path delegated(Path own) throws IOException {
        Path parent = own.endsWith(DAEMON) ? Objects.requireNonNull(own.getParent()) : own;
        if (words(parent.resolve(CHILD_CONTROLLERS)).containsAll(CONTROLLERS)) {
            return parent;
        }
        if (!words(parent.resolve("cgroup.controllers")).containsAll(CONTROLLERS)) {
            throw new IOException("the daemon's control group cannot limit memory and tasks" + ADVICE);
        }
        String self = Long.toString(ProcessHandle.current().pid());
        if (!words(parent.resolve(ControlGroup.MEMBERS)).equals(List.of(self))) {
            throw new IOException("other processes are in the daemon's control group" + ADVICE);
        }
        ControlGroup daemon = ControlGroup.make(List.of(parent), DAEMON);
        daemon.add(self);
        try {
            Files.writeString(parent.resolve(CHILD_CONTROLLERS), "+memory +pids");
        } catch (IOException e) {
            Files.writeString(parent.resolve(ControlGroup.MEMBERS), self);
            daemon.remove();
            throw e;
        }
        return parent;
    }

    /** Makes a group; whoever asked gives it to {@link #remove}. */
    synchronized ControlGroup make() throws IOException {
        leftOver.removeIf(ControlGroup::remove);
        count++;
        return ControlGroup.make(parents, prefix + count);
    }

    /** Removes a group; one whose last process is not quite gone is removed later. */
    synchronized void remove(ControlGroup group) {
        if (!group.remove()) {
            leftOver.add(group);
        }
    }

    private void removeStale() throws IOException {
        for (Path parent : parents) {
            try (DirectoryStream<Path> folders = Files.newDirectoryStream(parent, PREFIX + "*")) {
                for (Path folder : folders) {
                    if (!isOfLiveDaemon(String.valueOf(folder.getFileName()))) {
                        new ControlGroup(List.of(folder)).remove();
                    }
                }
            }
        }
    }

    // In a container every daemon may have the same pid: the start tells them apart.
    private static boolean isOfLiveDaemon(String name) {
        List<String> parts = Arrays.asList(name.substring(PREFIX.length()).split("-", -1));
        if (parts.size() != 3 || !parts.get(0).matches("[0-9]{1,18}")) {
            return true;
        }
        return ProcessHandle.of(Long.parseLong(parts.get(0)))
                .filter(process -> nameOf(process).equals(parts.get(0) + "-" + parts.get(1)))
                .isPresent();
    }

    private static String nameOf(ProcessHandle process) {
        long started = process.info().startInstant().map(Instant::toEpochMilli).orElse(0L);
        return process.pid() + "-" + started;
    }

    private static List<String> words(Path file) throws IOException {
        String text = Files.readString(file).trim();
        return text.isEmpty() ? List.of() : Arrays.asList(text.split("\\s+", -1));
    }
}
