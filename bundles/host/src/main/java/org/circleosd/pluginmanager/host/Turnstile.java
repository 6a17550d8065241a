package org.circleosd.pluginmanager.host;

import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.jspecify.annotations.Nullable;

/**
 * The way into an opened plugin: so many calls run at once, so many wait, and more are refused. A call that finds room
 * takes it with one atomic operation. Those that wait begin in the order in which they came; for a moment, calls that
 * come later may overtake them.
 */
final class Turnstile {

    /**
     * How long the first of those that wait may be overtaken. Until it is awake, a call that comes can begin and end: if
     * each had to wait for the one before it to wake up, short calls would spend more time on waking threads than on
     * the plugin. Long calls hardly overtake.
     */
    static final long OVERTAKING_NANOS = 100_000;

    private static final long ONE_WAITING = 1L << 32;

    private final PluginId id;
    private final LoadedPlugin plugin;
    private final InvocationLimits limits;
    private final CallOutcomes outcomes;
    private final LongSupplier clock;
    private final int room;

    /** The calls that wait in the upper half, those that run in the lower. */
    private final AtomicLong calls = new AtomicLong();
    /** Those that wait; only the first may take room. */
    private final Queue<Waiter> waiters = new ConcurrentLinkedQueue<>();
    /** Since when the first of those that wait is the first, in nanoseconds of the clock. */
    private volatile long firstSince;

    private volatile boolean isClosed;

    /** Whose call runs, where only one does: it would wait for itself. */
    private volatile @Nullable Thread inside;

    Turnstile(PluginId id, LoadedPlugin plugin, InvocationLimits limits, CallOutcomes outcomes) {
        this(id, plugin, limits, outcomes, System::nanoTime);
    }

    /**
     * Makes a turnstile.
     *
     * @param outcomes hears how each call ended
     * @param clock as {@link System#nanoTime}
     */
    Turnstile(PluginId id, LoadedPlugin plugin, InvocationLimits limits, CallOutcomes outcomes, LongSupplier clock) {
        this.id = id;
        this.plugin = plugin;
        this.limits = limits;
        this.outcomes = outcomes;
        this.clock = clock;
        this.room = Math.max(1, Math.min(limits.maxConcurrency(), plugin.maxConcurrency()));
    }

    /**
     * Calls the plugin when there is room.
     *
     * @return the result; null if the turnstile was closed before the call began: it belongs to what came after
     * @throws PluginException {@link ErrorCode#BUSY} if too many wait already, {@link ErrorCode#TIMEOUT} if there was no
     *     room for the time of a call, {@link ErrorCode#CANCELLED} if the thread was interrupted meanwhile,
     *     {@link ErrorCode#PLUGIN_ERROR} if the plugin calls itself and runs one call at once, or what the plugin throws
     */
    byte @Nullable [] invoke(Invocation invocation) {
        if (!enter()) {
            return null;
        }
        try {
            if (room == 1) {
                inside = Thread.currentThread();
            }
            byte[] result = plugin.invoke(invocation);
            outcomes.succeeded();
            return result;
        } catch (RuntimeException | Error e) {
            outcomes.failed(e);
            throw e;
        } finally {
            if (room == 1) {
                inside = null;
            }
            exit();
        }
    }

    /** Lets nobody in any more; those that wait leave. Those inside go on. */
    void close() {
        isClosed = true;
        waiters.forEach(Waiter::wake);
    }

    private boolean enter() {
        while (!isClosed) {
            long now = calls.get();
            if (running(now) < room && (waiting(now) == 0 || mayOvertake())) {
                if (calls.compareAndSet(now, now + 1)) {
                    return true;
                }
            } else if (inside == Thread.currentThread()) {
                throw new PluginException(
                        ErrorCode.PLUGIN_ERROR,
                        "plugin '" + id + "' is called from within its own call, and runs one call at once");
            } else if (waiting(now) >= limits.queue()) {
                throw new PluginException(
                        ErrorCode.BUSY,
                        "plugin '" + id + "' has " + running(now) + " calls running and " + waiting(now)
                                + " waiting, the most that it takes; try again");
            } else {
                if (waiting(now) == 0) {
                    firstSince = clock.getAsLong();
                }
                if (calls.compareAndSet(now, now + ONE_WAITING)) {
                    return await();
                }
            }
        }
        return false;
    }

    private boolean mayOvertake() {
        return clock.getAsLong() - firstSince < OVERTAKING_NANOS;
    }

    private boolean await() {
        long end = System.nanoTime() + limits.timeout().toNanos();
        Waiter waiter = new Waiter(Thread.currentThread());
        waiters.add(waiter);
        while (true) {
            // Looked at after it was added, as is the room: either whoever changes them sees it, or it sees the change.
            if (isClosed) {
                stopWaiting(waiter);
                return false;
            }
            if (waiters.peek() == waiter && takeRoom()) {
                waiters.remove();
                firstSince = clock.getAsLong();
                wakeFirstIfThereIsRoom();
                return true;
            }
            if (Thread.currentThread().isInterrupted()) {
                stopWaiting(waiter);
                throw new PluginException(ErrorCode.CANCELLED, "gave up waiting for plugin '" + id + "'");
            }
            long left = end - System.nanoTime();
            if (left <= 0) {
                stopWaiting(waiter);
                throw new PluginException(
                        ErrorCode.TIMEOUT,
                        "the call waited " + limits.timeout().toMillis() + " ms and did not begin: plugin '" + id
                                + "' runs " + room + (room == 1 ? " call" : " calls") + " at once");
            }
            waiter.sleep(left);
        }
    }

    private boolean takeRoom() {
        while (true) {
            long now = calls.get();
            if (running(now) >= room) {
                return false;
            }
            if (calls.compareAndSet(now, now + 1 - ONE_WAITING)) {
                return true;
            }
        }
    }

    /** Leaves the queue; if it was woken for room, another one is. */
    private void stopWaiting(Waiter waiter) {
        waiters.remove(waiter);
        calls.addAndGet(-ONE_WAITING);
        wakeFirstIfThereIsRoom();
    }

    private void exit() {
        if (waiting(calls.getAndDecrement()) > 0) {
            wakeFirst();
        }
    }

    private void wakeFirstIfThereIsRoom() {
        long now = calls.get();
        if (waiting(now) > 0 && running(now) < room) {
            wakeFirst();
        }
    }

    private void wakeFirst() {
        Waiter first = waiters.peek();
        if (first != null) {
            first.wake();
        }
    }

    private static int waiting(long calls) {
        return (int) (calls >>> 32);
    }

    private static int running(long calls) {
        return (int) calls;
    }

    /** A thread that waits for its turn. */
    private static final class Waiter {

        private final Thread thread;
        private volatile boolean isAwake;

        Waiter(Thread thread) {
            this.thread = thread;
        }

        /** Has the thread look again; once is enough until it does. */
        void wake() {
            if (!isAwake) {
                isAwake = true;
                LockSupport.unpark(thread);
            }
        }

        void sleep(long nanos) {
            if (!isAwake) {
                LockSupport.parkNanos(this, nanos);
            }
            // Before it looks: what happens from here on wakes it again.
            isAwake = false;
        }
    }
}
