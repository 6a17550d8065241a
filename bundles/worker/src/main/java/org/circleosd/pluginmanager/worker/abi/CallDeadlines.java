package org.circleosd.pluginmanager.worker.abi;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** Until when the calls of one plugin may run: what its {@code cancelled} answers. Thread-safe. */
public final class CallDeadlines {

    private final Map<Thread, Long> running = new ConcurrentHashMap<>();

    /** Notes that a call runs on this thread until a {@link System#nanoTime}. */
    public void begin(long deadline) {
        running.put(Thread.currentThread(), deadline);
    }

    /** Notes that it ended. */
    public void end() {
        running.remove(Thread.currentThread());
    }

    /**
     * Says whether the call of this thread is late. A thread that the plugin started itself works for no call in
     * particular: it is late as soon as one of the calls is.
     */
    public boolean isLate() {
        long now = System.nanoTime();
        Long own = running.get(Thread.currentThread());
        if (own != null) {
            return now - own > 0;
        }
        for (long deadline : running.values()) {
            if (now - deadline > 0) {
                return true;
            }
        }
        return false;
    }
}
