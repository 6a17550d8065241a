package org.circleosd.pluginmanager.host;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginListener;
import org.jspecify.annotations.Nullable;

/** The events that one listener has not heard yet: told in their order, one at a time. */
final class EventDelivery {

    /** Most that wait; past them the oldest go. */
    static final int QUEUE = 1_024;

    private static final System.Logger LOG = System.getLogger(EventDelivery.class.getName());

    private final PluginListener listener;
    private final Executor threads;
    /** Guarded by this, as is all below. */
    private final ArrayDeque<PluginEvent> queue = new ArrayDeque<>();

    private long dropped;
    private boolean isRunning;
    private boolean isClosed;
    /** Whose thread hears an event now. */
    private @Nullable Thread telling;

    EventDelivery(PluginListener listener, Executor threads) {
        this.listener = listener;
        this.threads = threads;
    }

    /** Takes an event, and returns at once. */
    void offer(PluginEvent event) {
        long lost = 0;
        synchronized (this) {
            if (isClosed) {
                return;
            }
            if (queue.size() == QUEUE) {
                queue.remove();
                lost = ++dropped;
            }
            queue.add(event);
            if (!isRunning) {
                isRunning = true;
                threads.execute(this::tell);
            }
        }
        // 1, 2, 4, 8 and so on: a listener that hangs does not fill the log.
        if (Long.bitCount(lost) == 1) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "{0} is too slow for the events of plugins: {1} were dropped so far",
                    name(),
                    lost);
        }
    }

    /** Tells nothing any more; waits, bounded, for the event that is being told. */
    synchronized void close(Duration bound) {
        isClosed = true;
        queue.clear();
        long end = System.nanoTime() + bound.toNanos();
        while (telling != null && telling != Thread.currentThread()) {
            long left = end - System.nanoTime();
            if (left <= 0) {
                LOG.log(System.Logger.Level.WARNING, "{0} leaves while it hears of an event", name());
                return;
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    private void tell() {
        PluginEvent event = next();
        while (event != null) {
            try {
                listener.onEvent(event);
            } catch (RuntimeException | Error e) {
                // It may miss a class of a bundle that left, or be plain wrong: the others must not feel it.
                LOG.log(System.Logger.Level.WARNING, name() + " failed at the event " + event, e);
            }
            event = next();
        }
    }

    private synchronized @Nullable PluginEvent next() {
        PluginEvent next = queue.poll();
        isRunning = next != null;
        telling = next == null ? null : Thread.currentThread();
        notifyAll();
        return next;
    }

    private String name() {
        return "the listener " + listener.getClass().getName();
    }
}
