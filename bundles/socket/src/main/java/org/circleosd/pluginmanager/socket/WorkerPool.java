package org.circleosd.pluginmanager.socket;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.jspecify.annotations.Nullable;

/**
 * Threads that serve connections. As many run at once as there are processors; a wake-up of more would only cost
 * context switches. One that is not done within a millisecond, because its request blocks or computes, no longer counts
 * and another takes its place, up to the largest number. The thread that rested last works first; those that rest for
 * long end. Threads are never interrupted: one may carry the update of a bundle.
 */
final class WorkerPool {

    private static final System.Logger LOG = System.getLogger(WorkerPool.class.getName());
    private static final long SLOW_NANOS = TimeUnit.MILLISECONDS.toNanos(1);
    private static final long REST_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final int largest;
    private final int atOnce;
    private final NamedThreads threads;

    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private final Deque<Worker> resting = new ArrayDeque<>();
    /** Those that work and count. */
    private final List<Worker> counted = new ArrayList<>();

    private int size;
    private boolean stopped;

    WorkerPool(int largest, int atOnce, NamedThreads threads) {
        this.largest = largest;
        this.atOnce = Math.min(largest, atOnce);
        this.threads = threads;
    }

    /** Runs the work soon, or when a thread is free. */
    void submit(Runnable work) {
        Worker worker;
        synchronized (this) {
            if (!hasRoom()) {
                waiting.add(work);
                return;
            }
            worker = assign(work);
        }
        worker.wake();
    }

    /**
     * Gives waiting work to more threads if those that have theirs are slow.
     *
     * @return whether to call again in a millisecond: work waits and another thread could take it
     */
    boolean relieve() {
        while (true) {
            Worker worker;
            synchronized (this) {
                if (waiting.isEmpty()) {
                    return false;
                }
                if (!hasRoom()) {
                    return isGrowable();
                }
                worker = assign(waiting.remove());
            }
            worker.wake();
        }
    }

    /** Ends the threads that rest now, and the others when their work is done. */
    void stop() {
        List<Worker> toWake;
        synchronized (this) {
            stopped = true;
            toWake = List.copyOf(resting);
        }
        toWake.forEach(Worker::wake);
    }

    private boolean hasRoom() {
        if (!isGrowable()) {
            return false;
        }
        if (counted.size() < atOnce) {
            return true;
        }
        long now = System.nanoTime();
        return counted.removeIf(worker -> now - worker.since > SLOW_NANOS);
    }

    private boolean isGrowable() {
        return size < largest || !resting.isEmpty();
    }

    private Worker assign(Runnable work) {
        Worker worker = resting.pollLast();
        if (worker == null) {
            worker = new Worker();
            size++;
        }
        worker.begin(work);
        return worker;
    }

    /** One thread and what it works at. */
    private final class Worker implements Runnable {

        private final Thread thread = threads.newThread(this);
        /** Guarded by the pool, as the start of the work. */
        private @Nullable Runnable work;

        private long since;
        private boolean started;

        void begin(Runnable next) {
            work = next;
            since = System.nanoTime();
            counted.add(this);
        }

        void wake() {
            synchronized (WorkerPool.this) {
                if (!started) {
                    started = true;
                    thread.start();
                    return;
                }
            }
            LockSupport.unpark(thread);
        }

        @Override
        public void run() {
            for (Runnable now = take(); now != null; now = take()) {
                try {
                    now.run();
                } catch (Exception | Error e) {
                    // The work sees to its own failures; what gets here must not cost the pool its thread.
                    LOG.log(System.Logger.Level.ERROR, "serving a connection failed", e);
                }
                done();
            }
        }

        private void done() {
            synchronized (WorkerPool.this) {
                counted.remove(this);
                work = null;
                Runnable next = waiting.poll();
                if (next != null) {
                    begin(next);
                } else {
                    resting.addLast(this);
                }
            }
        }

        /** Waits for work; null: the thread may end. */
        private @Nullable Runnable take() {
            long end = System.nanoTime() + REST_NANOS;
            while (true) {
                long left = end - System.nanoTime();
                synchronized (WorkerPool.this) {
                    if (work != null) {
                        return work;
                    }
                    if (stopped || left <= 0) {
                        resting.remove(this);
                        size--;
                        return null;
                    }
                }
                LockSupport.parkNanos(this, left);
            }
        }
    }
}
