package org.circleosd.pluginmanager.sandbox.wasi.tree;

import java.util.concurrent.atomic.AtomicLong;

/** Counts the bytes of a folder against a limit. Thread-safe. */
final class Quota {

    /** What an entry of a folder counts besides its content: without it, empty files would be free and endless. */
    static final int ENTRY = 512;

    private final long limit;
    private final int errno;
    private final AtomicLong used;

    /**
     * Makes a quota.
     *
     * @param errno what taking too much fails with
     */
    Quota(long limit, long used, int errno) {
        this.limit = limit;
        this.used = new AtomicLong(used);
        this.errno = errno;
    }

    /** Counts bytes that are about to be used. */
    void take(long bytes) {
        long now = used.addAndGet(bytes);
        // A sum of two longs that are not negative is negative if it does not fit.
        if (now > limit || now < 0) {
            used.addAndGet(-bytes);
            throw TreeFailure.of(errno);
        }
    }

    /** Counts bytes that are free again. A folder of the host may lose bytes that were never counted. */
    void give(long bytes) {
        used.updateAndGet(before -> Math.max(0, before - bytes));
    }

    long used() {
        return used.get();
    }
}
