package org.circleosd.pluginmanager.engine.chicory;

import java.lang.ref.Cleaner;
import java.util.concurrent.atomic.AtomicLong;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * What all guest memories together may take of the Java heap. Each memory has its own limit, but many instances at once
 * could still fill the heap, and then the failing allocation might be the daemon's.
 */
final class MemoryBudget {

    private final long limit;
    private final AtomicLong used = new AtomicLong();
    /** Null for a budget of nothing: there is nothing to give back, and each cleaner is a thread. */
    private final @Nullable Cleaner cleaner;

    MemoryBudget(long limit) {
        this.limit = limit;
        this.cleaner = limit == 0 ? null : Cleaner.create();
    }

    /** Half of the heap: the rest is for modules, code, requests and the copies that growing makes. */
    static MemoryBudget ofHeap() {
        return new MemoryBudget(Runtime.getRuntime().maxMemory() / 2);
    }

    /** Opens the account of an object; what it holds comes back when it is closed, at the latest with the object. */
    Account open(Object holder) {
        Account account = new Account(limit, used);
        if (cleaner != null) {
            cleaner.register(holder, account::close);
        }
        return account;
    }

    long used() {
        return used.get();
    }

    /** What one memory holds. For one thread at a time. */
    static final class Account {

        private final long limit;
        private final AtomicLong used;
        private final AtomicLong held = new AtomicLong();

        private Account(long limit, AtomicLong used) {
            this.limit = limit;
            this.used = used;
        }

        boolean tryReserve(long bytes) {
            while (true) {
                long before = used.get();
                if (bytes > limit - before) {
                    return false;
                }
                if (used.compareAndSet(before, before + bytes)) {
                    held.addAndGet(bytes);
                    return true;
                }
            }
        }

        void reserve(long bytes) {
            if (!tryReserve(bytes)) {
                throw new PluginException(
                        ErrorCode.OUT_OF_MEMORY,
                        "an instance needs " + bytes + " bytes of memory, but the plugins use " + used + " of the "
                                + limit + " bytes that all together may use; try again, or give the daemon more heap"
                                + " (PLUGIN_MANAGER_JAVA_OPTS=-Xmx...)");
            }
        }

        void release(long bytes) {
            held.addAndGet(-bytes);
            used.addAndGet(-bytes);
        }

        void close() {
            used.addAndGet(-held.getAndSet(0));
        }
    }
}
