package org.circleosd.pluginmanager.host;

import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.jspecify.annotations.Nullable;

/**
 * The way into an opened plugin: so many calls run at once, so many wait in the order in which they came, and more are
 * refused. A call that finds room takes it with one atomic operation.
 */
final class Turnstile {

    private static final long ONE_WAITING = 1L << 32;

    private final PluginId id;
    private final LoadedPlugin plugin;
    private final InvocationLimits limits;
    private final int room;

    /** The calls that wait in the upper half, those that run in the lower. A call never waits while there is room. */
    private final AtomicLong calls = new AtomicLong();
    /** Room that was handed to calls that wait: who ends gives its own away, so that nobody overtakes them. */
    private final Semaphore handed = new Semaphore(0, true);

    private volatile boolean isClosed;

    /** Whose call runs, where only one does: it would wait for itself. */
    private volatile @Nullable Thread inside;

    Turnstile(PluginId id, LoadedPlugin plugin, InvocationLimits limits) {
        this.id = id;
        this.plugin = plugin;
        this.limits = limits;
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
            return plugin.invoke(invocation);
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
        long before = calls.getAndUpdate(Turnstile::running);
        handed.release(waiting(before));
    }

    private boolean enter() {
        while (!isClosed) {
            long now = calls.get();
            if (waiting(now) == 0 && running(now) < room) {
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
            } else if (calls.compareAndSet(now, now + ONE_WAITING)) {
                return await();
            }
        }
        return false;
    }

    private boolean await() {
        // Looked at after this call was counted: either close() saw it, or it sees the closing.
        if (isClosed) {
            stopWaiting();
            return false;
        }
        try {
            if (handed.tryAcquire(limits.timeout().toNanos(), TimeUnit.NANOSECONDS)) {
                return !isClosed;
            }
        } catch (InterruptedException e) {
            stopWaiting();
            Thread.currentThread().interrupt();
            throw new PluginException(ErrorCode.CANCELLED, "gave up waiting for plugin '" + id + "'");
        }
        stopWaiting();
        throw new PluginException(
                ErrorCode.TIMEOUT,
                "the call waited " + limits.timeout().toMillis() + " ms and did not begin: plugin '" + id + "' runs "
                        + room + (room == 1 ? " call" : " calls") + " at once");
    }

    /** Leaves the queue; what was handed over meanwhile is handed on. */
    private void stopWaiting() {
        long before = calls.getAndUpdate(now -> waiting(now) == 0 ? now : now - ONE_WAITING);
        if (waiting(before) == 0) {
            handed.acquireUninterruptibly();
            // What close() hands out is no room.
            if (!isClosed) {
                exit();
            }
        }
    }

    private void exit() {
        long before = calls.getAndUpdate(now -> waiting(now) == 0 ? now - 1 : now - ONE_WAITING);
        if (waiting(before) != 0) {
            handed.release();
        }
    }

    private static int waiting(long calls) {
        return (int) (calls >>> 32);
    }

    private static int running(long calls) {
        return (int) calls;
    }
}
