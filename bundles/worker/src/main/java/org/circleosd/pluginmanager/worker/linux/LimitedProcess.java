package org.circleosd.pluginmanager.worker.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;

/**
 * Sets the limits of a process from outside.
 *
 * @param place what it has to itself
 */
record LimitedProcess(int pid, WorkerPlace place) {

    private static final int FILE_SIZE = 1;
    private static final int DATA = 2;
    private static final int CORE = 4;
    private static final int TASKS = 6;
    private static final int DESCRIPTORS = 7;
    private static final int LOCKED_MEMORY = 8;
    private static final int ADDRESS_SPACE = 9;
    private static final int MESSAGE_QUEUES = 12;
    private static final int NICE = 13;
    private static final int REAL_TIME = 14;

    /** Has the kernel, when the machine has no memory left, end this process before others; the most is 1000. */
    private static final String FIRST_TO_GO = "800";

    /**
     * What a group may have above its processes' data, for page tables and the like: so {@code malloc} fails before the
     * kernel kills.
     */
    private static final long GROUP_SLACK = 16L << 20;

    /**
     * Addresses that it may reserve beyond its memory. Nothing counts the page tables of memory that is only read, a
     * 512th of its size; a runtime inside a plugin may well reserve some gigabytes.
     */
    private static final long RESERVED_BYTES = 32L << 30;

    /** Sets them, and says what came of it. */
    void limit(ResourceLimits limits, LayerReport report) {
        ProcessStatus now;
        try {
            now = ProcessStatus.of(pid);
            setLimits(limits, now, report.isActive(ConfinementLayer.SECCOMP));
            report.active(ConfinementLayer.LIMITS);
        } catch (IOException e) {
            report.missing(ConfinementLayer.LIMITS, String.valueOf(e.getMessage()));
            return;
        }
        ControlGroup group = place.group();
        if (group != null) {
            try {
                group.limit(dataBytes(limits, now) + GROUP_SLACK, tasks(limits, now));
                group.add(Integer.toString(pid));
                report.active(ConfinementLayer.GROUP);
            } catch (IOException e) {
                report.missing(ConfinementLayer.GROUP, String.valueOf(e.getMessage()));
            }
        }
        if (place.user().isEmpty() && !report.isActive(ConfinementLayer.GROUP)) {
            report.partly(ConfinementLayer.LIMITS, "threads are not counted, only their memory");
        }
    }

    /** @param locked whether the process cannot set limits itself; those that grow with its plugins can grow then */
    private void setLimits(ResourceLimits limits, ProcessStatus now, boolean locked) throws IOException {
        try (LimitCalls calls = new LimitCalls(pid, userOf(now))) {
            calls.set(DATA, dataBytes(limits, now), locked);
            calls.set(ADDRESS_SPACE, Math.addExact(now.bytes("VmSize") + RESERVED_BYTES, limits.memoryBytes()), locked);
            calls.set(FILE_SIZE, limits.fileBytes(), false);
            calls.set(DESCRIPTORS, limits.descriptors(), false);
            if (place.user().isPresent()) {
                // Counts all tasks of the user: of use only where nothing else runs as that.
                calls.set(TASKS, tasks(limits, now), locked);
            }
            for (int none : new int[] {CORE, LOCKED_MEMORY, MESSAGE_QUEUES, NICE, REAL_TIME}) {
                calls.set(none, 0, false);
            }
            calls.make();
        }
        Files.writeString(Path.of("/proc/" + pid + "/oom_score_adj"), FIRST_TO_GO);
    }

    /** The user that it runs as already; empty while it runs as the daemon's. */
    private OptionalInt userOf(ProcessStatus now) {
        OptionalInt user = place.user();
        return user.isPresent() && now.number("Uid") == user.getAsInt() ? user : OptionalInt.empty();
    }

    private static long dataBytes(ResourceLimits limits, ProcessStatus now) {
        return Math.addExact(now.bytes("VmData"), limits.memoryBytes());
    }

    private static long tasks(ResourceLimits limits, ProcessStatus now) {
        return now.number("Threads") + limits.threads();
    }
}
