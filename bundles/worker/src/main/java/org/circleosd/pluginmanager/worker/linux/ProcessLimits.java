package org.circleosd.pluginmanager.worker.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Sets the resource limits of another process. */
record ProcessLimits(int pid) {

    private static final CFunction PRLIMIT = CFunction.of("prlimit");

    private static final int FILE_SIZE = 1;
    private static final int DATA = 2;
    private static final int CORE = 4;
    private static final int TASKS = 6;
    private static final int DESCRIPTORS = 7;
    private static final int LOCKED_MEMORY = 8;
    private static final int MESSAGE_QUEUES = 12;
    private static final int NICE = 13;
    private static final int REAL_TIME = 14;

    /** Makes the kernel, when the machine has no memory left, end this process before others; the most is 1000. */
    private static final String FIRST_TO_GO = "800";

    /**
     * Sets them.
     *
     * @param ownUser whether nothing else runs as the process's user, so that tasks can be counted
     * @throws IOException if the system refuses one
     */
    void set(ResourceLimits limits, ProcessStatus now, boolean ownUser) throws IOException {
        set(DATA, Math.addExact(now.bytes("VmData"), limits.memoryBytes()));
        set(FILE_SIZE, limits.fileBytes());
        set(DESCRIPTORS, limits.descriptors());
        if (ownUser) {
            set(TASKS, now.number("Threads") + limits.threads());
        }
        for (int none : new int[] {CORE, LOCKED_MEMORY, MESSAGE_QUEUES, NICE, REAL_TIME}) {
            set(none, 0);
        }
        Files.writeString(Path.of("/proc/" + pid + "/oom_score_adj"), FIRST_TO_GO);
    }

    private void set(int resource, long value) throws IOException {
        try (Memory limit = new Memory(2L * Long.BYTES)) {
            limit.setLong(0, value);
            limit.setLong(Long.BYTES, value);
            if (PRLIMIT.call(pid, resource, Pointer.nativeValue(limit), 0) != 0) {
                throw new IOException("cannot set resource limit " + resource + ": " + Errno.text(CFunction.errno()));
            }
        }
    }
}
