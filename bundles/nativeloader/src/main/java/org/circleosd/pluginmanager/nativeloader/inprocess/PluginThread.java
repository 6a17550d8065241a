package org.circleosd.pluginmanager.nativeloader.inprocess;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that runs a plugin's code, so that plugins with thread-local state work. A call that passes its
 * deadline cannot be stopped: nothing in a process can safely end a thread inside native code. Its caller gets the
 * answer that it is late, and until it returns the plugin takes no more calls.
 */
final class PluginThread {

    private static final System.Logger LOG = System.getLogger(PluginThread.class.getName());
    /** What a C program may expect of its main thread, in bytes. */
    private static final long STACK_BYTES = 8L << 20;

    private final String name;
    private final ThreadPoolExecutor executor;
    private volatile @Nullable Turn<?> late;

    /**
     * Makes a thread that starts with its first work.
     *
     * @param name the plugin, for messages
     */
    PluginThread(String name) {
        this.name = name;
        this.executor = new ThreadPoolExecutor(
                1,
                1,
                0,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new NamedThreads("native-" + name, STACK_BYTES));
    }

    /**
     * Runs work on the thread and waits for it.
     *
     * @param what it is, for messages
     * @param deadline {@link System#nanoTime} until which the result is awaited
     * @param timeout the whole time that was allowed, for messages
     * @throws PluginException what the work throws, {@link ErrorCode#TIMEOUT}, {@link ErrorCode#CANCELLED} if the
     *     waiting thread is interrupted, or {@link ErrorCode#PLUGIN_FAILED} while late work runs
     */
    <T> T call(String what, long deadline, Duration timeout, Callable<T> work) {
        Turn<?> before = late;
        if (before != null) {
            throw new PluginException(
                    ErrorCode.PLUGIN_FAILED,
                    "native plugin '" + name + "' is still busy with " + before.what
                            + ", which passed its deadline; reload it");
        }
        Turn<T> turn = new Turn<>(what, work);
        try {
            executor.execute(turn);
            return turn.get(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            throw new PluginException(ErrorCode.PLUGIN_FAILED, "native plugin '" + name + "' is closed; load it again");
        } catch (TimeoutException e) {
            throw new PluginException(
                    ErrorCode.TIMEOUT,
                    giveUp(turn)
                            ? what + " did not end within " + timeout.toMillis() + " ms"
                            : what + " waited " + timeout.toMillis() + " ms behind other calls of the plugin");
        } catch (InterruptedException e) {
            giveUp(turn);
            Thread.currentThread().interrupt();
            throw new PluginException(ErrorCode.CANCELLED, "the caller of " + what + " gave up");
        } catch (ExecutionException e) {
            if (e.getCause() instanceof PluginException failure) {
                throw failure;
            }
            throw new IllegalStateException(what + " of native plugin '" + name + "'", e.getCause());
        }
    }

    /**
     * Runs last work, after what waits already, and ends the thread.
     *
     * @param bound how long to wait for it, unless late work is before it; if it is not done then it still runs when
     *     the thread gets free
     */
    void finish(Runnable work, Duration bound) {
        executor.execute(work);
        executor.shutdown();
        try {
            long nanos = late == null ? bound.toNanos() : 0;
            if (!executor.awaitTermination(nanos, TimeUnit.NANOSECONDS)) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "native plugin {0} is still busy {1} ms after its end; its thread stays until it is done",
                        name,
                        TimeUnit.NANOSECONDS.toMillis(nanos));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Returns whether the work had been started; then it goes on and the plugin is out of service meanwhile. */
    private synchronized boolean giveUp(Turn<?> turn) {
        if (turn.started && !turn.ended) {
            late = turn;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "native plugin {0}: {1} passed its deadline and cannot be stopped",
                    name,
                    turn.what);
        } else {
            executor.remove(turn);
        }
        turn.cancel(false);
        return turn.started;
    }

    private synchronized void start(Turn<?> turn) {
        turn.started = true;
    }

    private synchronized void end(Turn<?> turn) {
        turn.ended = true;
        if (late == turn) {
            late = null;
            LOG.log(System.Logger.Level.INFO, "native plugin {0}: {1} returned after all", name, turn.what);
        }
    }

    private final class Turn<T> extends FutureTask<T> {

        private final String what;
        private boolean started;
        private boolean ended;

        Turn(String what, Callable<T> work) {
            super(work);
            this.what = what;
        }

        @Override
        public void run() {
            start(this);
            try {
                super.run();
            } finally {
                end(this);
            }
        }
    }
}
