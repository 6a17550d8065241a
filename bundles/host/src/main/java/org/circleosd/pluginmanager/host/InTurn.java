package org.circleosd.pluginmanager.host;

import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import org.jspecify.annotations.Nullable;

/** Runs work one after the other, on threads that others use too; it never holds more than one of them. */
final class InTurn implements Executor {

    private final Executor threads;
    private final Queue<Runnable> waiting = new ArrayDeque<>();
    private boolean isRunning;

    InTurn(Executor threads) {
        this.threads = threads;
    }

    /** Takes work that throws nothing; {@link RejectedExecutionException} if the threads take no more. */
    @Override
    public synchronized void execute(Runnable work) {
        if (isRunning) {
            waiting.add(work);
            return;
        }
        threads.execute(() -> run(work));
        isRunning = true;
    }

    private void run(Runnable first) {
        for (Runnable work = first; work != null; work = next()) {
            work.run();
        }
    }

    /** Returns what this thread is to do next: nothing, if another thread does it after the work of others. */
    private synchronized @Nullable Runnable next() {
        Runnable next = waiting.poll();
        if (next == null) {
            isRunning = false;
            return null;
        }
        try {
            threads.execute(() -> run(next));
            return null;
        } catch (RejectedExecutionException e) {
            return next; // the threads end; what was taken is done
        }
    }
}
