package org.circleosd.pluginmanager.host;

import java.time.Duration;
import java.util.ArrayDeque;

/**
 * Counts how often what runs a plugin failed, and not the plugin: after so many times it will not do better the next
 * time. Thread-safe.
 */
final class RuntimeFailures {

    private final Limit limit;
    /** When they happened; guarded by this. */
    private final ArrayDeque<Long> times = new ArrayDeque<>();

    /**
     * What an operator can set.
     *
     * @param most failures within the window that put a plugin out of service; positive
     * @param window in which failures are counted; positive
     */
    record Limit(int most, Duration window) {}

    RuntimeFailures(Limit limit) {
        this.limit = limit;
    }

    /** Counts a failure at a {@link System#nanoTime}; returns whether it was one too many. */
    synchronized boolean isTooMany(long now) {
        times.add(now);
        while (now - times.element() > limit.window().toNanos()) {
            times.remove();
        }
        return times.size() == limit.most();
    }

    /** Says what was too much, for people. */
    String tooMany(Throwable last) {
        return "what runs it failed " + limit.most() + " times within "
                + limit.window().toSeconds() + " s, the last time with " + last + "; the daemon's log has the trace";
    }
}
