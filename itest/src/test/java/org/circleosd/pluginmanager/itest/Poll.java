package org.circleosd.pluginmanager.itest;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for what only looking again and again can tell. */
final class Poll {

    private static final long PAUSE_NANOS = Duration.ofMillis(5).toNanos();

    private Poll() {}

    /** Something that is true sooner or later. */
    @FunctionalInterface
    interface Check {
        boolean holds() throws IOException;
    }

    /**
     * Looks until it holds.
     *
     * @return how long that took
     * @throws AssertionError if it does not within the bound
     */
    static Duration until(Duration bound, String what, Check check) throws IOException {
        long start = System.nanoTime();
        while (!check.holds()) {
            if (System.nanoTime() - start > bound.toNanos()) {
                throw new AssertionError("not within " + bound.toMillis() + " ms: " + what);
            }
            LockSupport.parkNanos(PAUSE_NANOS);
        }
        return Duration.ofNanos(System.nanoTime() - start);
    }
}
