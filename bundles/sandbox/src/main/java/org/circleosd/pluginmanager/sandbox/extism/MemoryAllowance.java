package org.circleosd.pluginmanager.sandbox.extism;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What the blocks of all plugins together may take of the Java heap. Each plugin has its own limit, but many calls at
 * once could still fill the heap. Thread-safe.
 */
public final class MemoryAllowance {

    private final long limit;
    private final AtomicLong used = new AtomicLong();

    /**
     * Makes an allowance of which nothing is used.
     *
     * @param limit in bytes; not negative
     */
    public MemoryAllowance(long limit) {
        this.limit = limit;
    }

    /** A quarter of the heap: half of it is for the plugins' own memories, and the daemon needs some. */
    public static MemoryAllowance ofHeap() {
        return new MemoryAllowance(Runtime.getRuntime().maxMemory() / 4);
    }

    boolean tryReserve(long bytes) {
        while (true) {
            long before = used.get();
            if (bytes > limit - before) {
                return false;
            }
            if (used.compareAndSet(before, before + bytes)) {
                return true;
            }
        }
    }

    void release(long bytes) {
        used.addAndGet(-bytes);
    }

    /** Returns the bytes that calls use at this moment. */
    public long used() {
        return used.get();
    }
}
