package org.circleosd.pluginmanager.worker;

import java.util.ArrayDeque;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** The threads that run one plugin's code; one, until more are asked for. Thread-safe. */
final class PluginThreads {

    /** What a C program may expect of its main thread, in bytes. */
    private static final long STACK_BYTES = 8L << 20;

    private final String name;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private int threads;
    private int running;
    private @Nullable Runnable last;
    private boolean ended;

    PluginThreads(String name) {
        this.name = name;
    }

    /** Sees to it that there are so many threads. */
    synchronized void grow(int count) {
        while (threads < count && !ended) {
            Thread thread = new Thread(null, this::work, name + "-" + threads, STACK_BYTES);
            thread.start();
            threads++;
        }
    }

    /** Runs work on one of the threads, in the order in which it came; returns false if the threads end. */
    synchronized boolean execute(Runnable work) {
        if (ended || last != null) {
            return false;
        }
        waiting.add(work);
        notify();
        return true;
    }

    /** Runs work when all other work is done, and ends the threads; returns false if somebody did so before. */
    synchronized boolean finish(Runnable work) {
        if (ended || last != null) {
            return false;
        }
        last = work;
        notifyAll();
        return true;
    }

    private void work() {
        try {
            for (Runnable next = take(); next != null; next = take()) {
                try {
                    next.run();
                } finally {
                    done();
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts a plugin's thread", e);
        }
    }

    /** Returns null when the thread has to end. */
    private synchronized @Nullable Runnable take() throws InterruptedException {
        while (true) {
            Runnable next = waiting.poll();
            if (next == null && running == 0 && last != null) {
                next = last;
                last = null;
                ended = true;
                notifyAll();
            }
            if (next != null) {
                running++;
                return next;
            }
            if (ended) {
                return null;
            }
            wait();
        }
    }

    private synchronized void done() {
        running--;
        if (last != null) {
            notifyAll();
        }
    }
}
