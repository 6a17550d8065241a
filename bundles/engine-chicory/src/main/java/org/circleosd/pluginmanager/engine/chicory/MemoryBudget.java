package org.circleosd.pluginmanager.engine.chicory;

import java.util.concurrent.atomic.AtomicLong;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * What all guest memories together may take of the Java heap. Each memory has its own limit, but many instances at once
 * could still fill the heap, and then the failing allocation might be the daemon's.
 */
final class MemoryBudget {

    private final long limit;
    private final AtomicLong used = new AtomicLong();

    MemoryBudget(long limit) {
        this.limit = limit;
    }

    /** Half of the heap: the rest is for modules, code, requests and the copies that growing makes. */
    static MemoryBudget ofHeap() {
        return new MemoryBudget(Runtime.getRuntime().maxMemory() / 2);
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

    void reserve(long bytes) {
        if (!tryReserve(bytes)) {
            throw new PluginException(
                    ErrorCode.OUT_OF_MEMORY,
                    "an instance needs " + bytes + " bytes of memory, but the plugins that run now use " + used
                            + " of the " + limit + " bytes that all may use; try again, or give the daemon more heap"
                            + " (PLUGIN_MANAGER_JAVA_OPTS=-Xmx...)");
        }
    }

    void release(long bytes) {
        used.addAndGet(-bytes);
    }

    long used() {
        return used.get();
    }
}
