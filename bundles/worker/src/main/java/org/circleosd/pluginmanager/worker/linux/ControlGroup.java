package org.circleosd.pluginmanager.worker.linux;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A control group of one process.
 *
 * @param folders of version 1 two, one for memory and one for tasks; of version 2 one
 */
record ControlGroup(List<Path> folders) {

    /** The file that lists the processes and takes new ones. */
    static final String MEMBERS = "cgroup.procs";

    private static final List<String> MEMORY = List.of("memory.limit_in_bytes", "memory.max");
    private static final String TASKS = "pids.max";
    /** Version 1: memory and swap together. Where swap is not counted the file is missing. */
    private static final String MEMORY_AND_SWAP = "memory.memsw.limit_in_bytes";
    /** Version 2: swap alone. */
    private static final String SWAP = "memory.swap.max";

    /** Makes the folders. */
    static ControlGroup make(List<Path> parents, String name) throws IOException {
        List<Path> folders = new ArrayList<>();
        ControlGroup group = new ControlGroup(folders);
        try {
            for (Path parent : parents) {
                folders.add(Files.createDirectory(parent.resolve(name)));
            }
        } catch (IOException e) {
            group.remove();
            // Not the message alone: that is the path, and the class says what is wrong with it.
            boolean denied = e instanceof AccessDeniedException;
            throw new IOException(
                    (denied ? "the daemon may not make control groups in " : "cannot make a control group in ")
                            + parents
                            + (denied ? "" : ": " + e));
        }
        return group;
    }

    /**
     * Sets the limits of all processes in it together.
     *
     * @throws IOException if memory or tasks cannot be limited
     */
    void limit(long memoryBytes, long tasks) throws IOException {
        if (MEMORY.stream().noneMatch(this::has) || !has(TASKS)) {
            throw new IOException("a control group here limits no memory or no tasks: " + folders);
        }
        for (String file : MEMORY) {
            write(file, memoryBytes);
        }
        write(MEMORY_AND_SWAP, memoryBytes);
        write(SWAP, 0);
        write(TASKS, tasks);
    }

    /** Moves a process, with all of its threads, there. */
    void add(String pid) throws IOException {
        for (Path folder : folders) {
            Files.writeString(folder.resolve(MEMBERS), pid);
        }
    }

    /** Removes it; false if that has to wait. */
    boolean remove() {
        boolean removed = true;
        for (Path folder : folders) {
            // A plain rmdir: the files in a group's folder are the kernel's.
            removed &= folder.toFile().delete() || !Files.exists(folder);
        }
        return removed;
    }

    private boolean has(String file) {
        return folders.stream().anyMatch(folder -> Files.exists(folder.resolve(file)));
    }

    private void write(String file, long value) throws IOException {
        for (Path folder : folders) {
            if (Files.exists(folder.resolve(file))) {
                Files.writeString(folder.resolve(file), Long.toString(value));
            }
        }
    }
}
