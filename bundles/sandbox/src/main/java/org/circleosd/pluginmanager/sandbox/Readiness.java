package org.circleosd.pluginmanager.sandbox;

import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;

/** Whether a plugin can take calls yet. It becomes so once, or fails once. Thread-safe. */
final class Readiness {

    private final CountDownLatch settled = new CountDownLatch(1);
    private volatile boolean ready;
    private volatile @Nullable PluginException failure;
    private boolean hasTimeouts;

    /** Lets the calls through, unless they are refused already. */
    synchronized void ready() {
        ready = failure == null;
        settled.countDown();
    }

    /**
     * Refuses all calls, unless they are let through or refused already.
     *
     * @return whether somebody gave up waiting before, and so does not know of it
     */
    synchronized boolean failed(PluginException why) {
        boolean isNew = !ready && failure == null;
        if (isNew) {
            failure = why;
        }
        settled.countDown();
        return isNew && hasTimeouts;
    }

    boolean isReady() {
        return ready;
    }

    /** Returns why the plugin cannot take calls; null if it can, or nobody knows yet. */
    @Nullable
    PluginException failure() {
        return failure;
    }

    /**
     * Waits until it is settled.
     *
     * @return false if it is not settled within this time
     * @throws PluginException {@link ErrorCode#CANCELLED} if the thread is interrupted, whose flag is set again then
     */
    boolean await(Duration time) {
        try {
            return settled.await(time.toNanos(), TimeUnit.NANOSECONDS) || isSettledAtLast();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PluginException(ErrorCode.CANCELLED, "cancelled while the plugin's code was compiled");
        }
    }

    private synchronized boolean isSettledAtLast() {
        boolean isSettled = settled.getCount() == 0;
        hasTimeouts |= !isSettled;
        return isSettled;
    }
}
