package org.circleosd.pluginmanager.socket;

import java.util.concurrent.atomic.AtomicLong;

/**
 * What all connections together keep in memory: unfinished and waiting request lines, unsent replies. Each connection
 * has bounds of its own; this one keeps many of them, each within its bounds, from filling the heap. Thread-safe.
 */
final class BufferBudget {

    private final long limitBytes;
    private final AtomicLong heldBytes = new AtomicLong();

    BufferBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** Counts the bytes if there is room for them. */
    boolean tryReserve(long bytes) {
        if (heldBytes.addAndGet(bytes) <= limitBytes) {
            return true;
        }
        heldBytes.addAndGet(-bytes);
        return false;
    }

    /** Counts the bytes of something that already exists, as a reply. */
    void reserve(long bytes) {
        heldBytes.addAndGet(bytes);
    }

    void release(long bytes) {
        heldBytes.addAndGet(-bytes);
    }

    long heldBytes() {
        return heldBytes.get();
    }
}
