package org.circleosd.pluginmanager.sandbox;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Supplier;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * Ends calls whose time is up: one thread interrupts the thread that runs the call, and engines stop guest code on an
 * interrupt. Thread-safe.
 *
 * <p>A call that ends in time costs two swaps of a number and wakes nobody: the watch sleeps until the earliest deadline
 * that was ever announced to it, and looks only then which calls still run. Calls come and go meanwhile without a trace.
 */
final class DeadlineWatch implements AutoCloseable {

    /** A call that ended, or never was. */
    private static final long FREE = 0;
    /** The watch is about to interrupt; the call must wait for it, or the interrupt would hit what comes after. */
    private static final long FIRING = 2;
    /** The watch has interrupted. */
    private static final long FIRED = 4;
    /** Marks a deadline, so that it equals none of the states above; costs a nanosecond. */
    private static final long ARMED = 1;

    /** Later than every deadline, and near enough that differences of times do not overflow. */
    private static final long FAR = Long.MAX_VALUE / 4;

    /** One for each call that ran at the same time as others, ever; reused. */
    private final List<Slot> slots = new CopyOnWriteArrayList<>();

    private final Queue<Slot> free = new ConcurrentLinkedQueue<>();
    /** The watch promises to look at all slots no later than this. */
    private final AtomicLong wakeAt = new AtomicLong(System.nanoTime() + FAR);

    private final Thread thread;
    private volatile boolean closed;

    /** Starts the watch. */
    DeadlineWatch() {
        thread = new NamedThreads("sandbox-deadlines", NamedThreads.SMALL_STACK).newThread(this::watch);
        thread.start();
    }

    /**
     * Runs work on the calling thread and interrupts it when the time is up. No interrupt of the watch outlives this
     * method.
     *
     * @throws PluginException {@link ErrorCode#TIMEOUT} if the time was up before the work was done;
     *     {@link ErrorCode#CANCELLED} if someone else interrupted the thread, whose flag is set again then;
     *     {@link ErrorCode#UNAVAILABLE} after {@link #close}; else what the work throws
     */
    <T> T within(Duration timeout, Supplier<T> work) {
        if (Thread.currentThread().isInterrupted()) {
            throw new PluginException(ErrorCode.CANCELLED, "cancelled before the call began");
        }
        Slot slot = start(System.nanoTime() + timeout.toNanos());
        T result;
        try {
            result = work.get();
        } catch (PluginException e) {
            if (finish(slot)) {
                throw timedOut(timeout);
            }
            if (e.code() == ErrorCode.CANCELLED) {
                Thread.currentThread().interrupt();
            }
            throw e;
        } catch (RuntimeException | Error e) {
            finish(slot);
            throw e;
        }
        if (finish(slot)) {
            throw timedOut(timeout);
        }
        return result;
    }

    /** Says whether any call runs at this moment. */
    boolean isBusy() {
        for (Slot slot : slots) {
            if (slot.state.get() != FREE) {
                return true;
            }
        }
        return false;
    }

    /** Takes no new calls. The thread ends with the last call, at the latest at its deadline. */
    @Override
    public void close() {
        closed = true;
        wakeNow();
    }

    private static PluginException timedOut(Duration timeout) {
        return new PluginException(ErrorCode.TIMEOUT, "timed out after " + timeout.toMillis() + " ms");
    }

    private Slot start(long deadline) {
        Slot slot = free.poll();
        if (slot == null) {
            slot = new Slot();
            slots.add(slot);
        }
        slot.thread = Thread.currentThread();
        slot.armed = deadline | ARMED;
        slot.state.set(slot.armed);
        // Armed first, looked second; the watch does it the other way round, so one of the two sees the other.
        if (closed) {
            finish(slot);
            throw new PluginException(ErrorCode.UNAVAILABLE, "the wasm sandbox is being replaced; try again");
        }
        if (lowerWake(slot.armed)) {
            LockSupport.unpark(thread);
        }
        return slot;
    }

    /** Returns whether the watch has interrupted the calling thread; the thread's flag is clear then. */
    private boolean finish(Slot slot) {
        boolean fired = !slot.state.compareAndSet(slot.armed, FREE);
        if (fired) {
            while (slot.state.get() != FIRED) {
                Thread.onSpinWait();
            }
            Thread.interrupted();
            slot.state.set(FREE);
        }
        slot.thread = null;
        free.offer(slot);
        if (closed) {
            wakeNow();
        }
        return fired;
    }

    private void watch() {
        while (true) {
            long wait = wakeAt.get() - System.nanoTime();
            if (wait > 0) {
                LockSupport.parkNanos(this, wait);
            } else if (!look()) {
                return;
            }
        }
    }

    /** Interrupts what is late and says when to look again; returns false when no call can come any more. */
    private boolean look() {
        long now = System.nanoTime();
        wakeAt.set(now + FAR);
        // Whoever lowers wakeAt from here on is heard; what happened before is seen below.
        boolean last = closed;
        boolean any = false;
        for (Slot slot : slots) {
            long state = slot.state.get();
            if ((state & ARMED) == 0) {
                continue;
            }
            any = true;
            if (state - now > 0) {
                lowerWake(state);
            } else if (slot.state.compareAndSet(state, FIRING)) {
                Objects.requireNonNull(slot.thread).interrupt();
                slot.state.set(FIRED);
            }
        }
        return any || !last;
    }

    private boolean lowerWake(long time) {
        long present = wakeAt.get();
        while (time - present < 0) {
            if (wakeAt.compareAndSet(present, time)) {
                return true;
            }
            present = wakeAt.get();
        }
        return false;
    }

    private void wakeNow() {
        wakeAt.set(System.nanoTime());
        LockSupport.unpark(thread);
    }

    /** A call in flight. Its owner writes the plain fields before it arms the state, and after it has won it back. */
    private static final class Slot {
        final AtomicLong state = new AtomicLong(FREE);
        long armed;

        @Nullable
        Thread thread;
    }
}
