package org.circleosd.pluginmanager.sandbox;

import java.lang.System.Logger.Level;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.locks.LockSupport;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.sandbox.CallingConvention.GuestCall;
import org.circleosd.pluginmanager.sandbox.wasi.ProcExit;

/**
 * Calls plugins in the background until the JVM has compiled their hot code: it begins to run any code in its own
 * interpreter, and the first calls of a large plugin take many times as long as later ones. One plugin after the other,
 * and only while no client's call runs.
 */
final class WarmUps implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(WarmUps.class.getName());

    /** CPU time after which the speed is looked at. */
    private static final long WINDOW_NANOS = Duration.ofMillis(250).toNanos();
    /** So many windows without a gain mean that the code is as fast as it gets: the JVM's compilers lag behind. */
    private static final int STEADY_WINDOWS = 4;
    /** A window must be faster than the best one by this factor to count as a gain. */
    private static final double GAIN = 0.97;

    private static final long PAUSE_NANOS = Duration.ofMillis(5).toNanos();

    private final ThreadMXBean threads = ManagementFactory.getThreadMXBean();
    private final DeadlineWatch watch;
    private final long budgetNanos;
    private final ExecutorService worker =
            Executors.newSingleThreadExecutor(new NamedThreads("sandbox-warm-up", NamedThreads.GUEST_STACK));
    private volatile boolean closed;

    /**
     * Makes an idle warm-up.
     *
     * @param watch knows whether a client's call runs
     * @param budget most CPU time for one plugin; zero: none is warmed up
     */
    WarmUps(DeadlineWatch watch, Duration budget) {
        this.watch = watch;
        this.budgetNanos = budget.toNanos();
    }

    /** Warms a plugin up when its turn comes. The rehearsal is closed in any case. */
    void add(WasmPlugin plugin, Rehearsal rehearsal, GuestCall call, int calls) {
        Runnable work = () -> {
            try (rehearsal) {
                warmUp(plugin, rehearsal, call, calls);
            }
        };
        try {
            worker.execute(work);
        } catch (RejectedExecutionException e) {
            LOG.log(Level.DEBUG, "no warm-up: the sandbox is being replaced", e);
        }
    }

    private void warmUp(WasmPlugin plugin, Rehearsal rehearsal, GuestCall call, int calls) {
        long began = threads.getCurrentThreadCpuTime();
        Windows windows = new Windows(began);
        int done = 0;
        try {
            while (done < calls && awaitQuiet(plugin)) {
                rehearsal.run(call);
                done++;
                long now = threads.getCurrentThreadCpuTime();
                if (now - began > budgetNanos || windows.isSteady(now)) {
                    break;
                }
            }
        } catch (PluginException | ProcExit e) {
            LOG.log(
                    Level.WARNING,
                    "the warm-up of {0} ended after {1} calls: {2}",
                    plugin.name(),
                    done,
                    e.getMessage());
            return;
        }
        LOG.log(
                Level.DEBUG,
                "warmed {0} up by {1} calls in {2} ms of CPU",
                plugin.name(),
                done,
                (threads.getCurrentThreadCpuTime() - began) / 1_000_000);
    }

    /** Waits until no other call runs; returns false if the warm-up is to end. */
    private boolean awaitQuiet(WasmPlugin plugin) {
        while (!closed && !plugin.isClosed()) {
            if (!watch.isBusy()) {
                return true;
            }
            LockSupport.parkNanos(this, PAUSE_NANOS);
        }
        return false;
    }

    @Override
    public void close() {
        closed = true;
        worker.shutdown();
    }

    /** Finds out when calls no longer become faster. */
    private static final class Windows {

        private long start;
        private int calls;
        private double best = Double.MAX_VALUE;
        private int steady;

        Windows(long start) {
            this.start = start;
        }

        /** Counts a call that ended at this CPU time. */
        boolean isSteady(long now) {
            calls++;
            if (now - start < WINDOW_NANOS) {
                return false;
            }
            double perCall = (double) (now - start) / calls;
            steady = perCall < best * GAIN ? 0 : steady + 1;
            best = Math.min(best, perCall);
            start = now;
            calls = 0;
            return steady >= STEADY_WINDOWS;
        }
    }
}
