package org.circleosd.pluginmanager.sandbox.wasi;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFailure;
import org.circleosd.pluginmanager.sandbox.wasi.tree.WasiErrno;

/** Clocks of a guest. */
final class WasiClock {

    static final int REALTIME = 0;
    static final int MONOTONIC = 1;
    /** 2 and 3 are the CPU time of process and thread: a guest is both. */
    private static final int LAST_CLOCK = 3;

    private static final long RESOLUTION_NANOS = 1_000;
    private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

    private final long begin = System.nanoTime();
    /** CPU time of the calls before this one. */
    private long cpuBefore;
    /** The thread's CPU time when the call began to look at it. */
    private long cpuBegin;

    private boolean cpuUsed;

    void resolution(GuestMemory memory, int clock, int at) {
        check(memory, clock, at);
        memory.writeLong(at, RESOLUTION_NANOS);
    }

    void time(GuestMemory memory, int clock, int at) {
        check(memory, clock, at);
        memory.writeLong(at, clock <= MONOTONIC ? now(clock) : cpuTime());
    }

    /** Returns the time of the real or the monotonic clock. */
    long now(int clock) {
        if (clock != REALTIME) {
            return System.nanoTime() - begin;
        }
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    /** The next call may come on another thread. */
    void endCall() {
        if (cpuUsed) {
            cpuBefore = cpuTime();
            cpuUsed = false;
        }
    }

    /** Returns how long the guest's thread has computed since the guest first asked. */
    private long cpuTime() {
        long present = THREADS.isCurrentThreadCpuTimeSupported() ? THREADS.getCurrentThreadCpuTime() : now(MONOTONIC);
        if (!cpuUsed) {
            cpuUsed = true;
            cpuBegin = present;
        }
        return cpuBefore + present - cpuBegin;
    }

    private static void check(GuestMemory memory, int clock, int at) {
        if (clock < 0 || clock > LAST_CLOCK) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        GuestData.check(memory, at, 8);
    }
}
