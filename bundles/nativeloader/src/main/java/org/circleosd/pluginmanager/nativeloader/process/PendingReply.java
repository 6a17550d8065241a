package org.circleosd.pluginmanager.nativeloader.process;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.jspecify.annotations.Nullable;

/** The reply that one thread waits for. */
final class PendingReply {

    /** How often a waiting thread looks whether the worker still lives, in nanoseconds. */
    private static final long LOOK_EVERY = TimeUnit.MILLISECONDS.toNanos(100);

    private final Worker worker;
    private final Thread waiter = Thread.currentThread();
    private volatile @Nullable Frame reply;

    PendingReply(Worker worker) {
        this.worker = worker;
    }

    void complete(Frame frame) {
        reply = frame;
        wake();
    }

    /** Has the waiting thread look again. */
    void wake() {
        LockSupport.unpark(waiter);
    }

    /**
     * Waits. An interruption waits too: a call that began cannot be taken back, and its deadline is near.
     */
    Frame await(long deadline) throws WorkerEnd.DiedException, TimeoutException {
        boolean interrupted = false;
        try {
            while (true) {
                Frame frame = reply;
                if (frame != null) {
                    return frame;
                }
                WorkerEnd end = worker.end();
                if (end != null) {
                    throw new WorkerEnd.DiedException(end, true);
                }
                long left = deadline - System.nanoTime();
                if (left <= 0) {
                    throw new TimeoutException();
                }
                LockSupport.parkNanos(this, Math.min(left, LOOK_EVERY));
                interrupted |= Thread.interrupted();
                if (left > LOOK_EVERY && reply == null) {
                    worker.look();
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }
}
