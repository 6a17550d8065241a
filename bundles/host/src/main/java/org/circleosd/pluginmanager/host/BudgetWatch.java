package org.circleosd.pluginmanager.host;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginManifest.ErrorBudget;

/** Counts what goes wrong in the first calls after an upgrade. Thread-safe. */
final class BudgetWatch {

    private final ErrorBudget budget;
    private final LongSupplier clock;
    private final long end;
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger errors = new AtomicInteger();
    private volatile boolean isOver;

    /**
     * Begins to count.
     *
     * @param leftNanos how much of the budget's time is left
     * @param clock as {@link System#nanoTime}
     */
    BudgetWatch(ErrorBudget budget, long leftNanos, LongSupplier clock) {
        this.budget = budget;
        this.clock = clock;
        this.end = clock.getAsLong() + leftNanos;
    }

    /** Says whether calls count no more. */
    boolean isOver() {
        return isOver;
    }

    /** Counts a call that ended well. */
    void succeeded() {
        count();
    }

    /** Counts a call that failed; returns whether this is the one with which it was too much. */
    boolean failed(PluginException why) {
        boolean isTooMuch = count() && isOwnFault(why.code()) && errors.incrementAndGet() == budget.errors() + 1;
        if (isTooMuch) {
            isOver = true;
        }
        return isTooMuch;
    }

    /** Says what was too much, for people. */
    String tooMuch(PluginException last) {
        return errors.get() + " of the first " + calls.get() + " calls after the upgrade failed, one with "
                + last.code().wireName() + " (" + last.getMessage() + "); its error budget is " + budget.errors()
                + " in "
                + budget.calls() + " calls or " + budget.time().toSeconds() + " s";
    }

    /** Returns whether the call still counts. */
    private boolean count() {
        if (isOver) {
            return false;
        }
        int count = calls.incrementAndGet();
        isOver = count >= budget.calls() || clock.getAsLong() - end > 0;
        return count <= budget.calls() && clock.getAsLong() - end <= 0;
    }

    private static boolean isOwnFault(ErrorCode code) {
        return code == ErrorCode.PLUGIN_TRAP
                || code == ErrorCode.PLUGIN_ERROR
                || code == ErrorCode.PLUGIN_CRASHED
                || code == ErrorCode.PLUGIN_FAILED
                || code == ErrorCode.TIMEOUT
                || code == ErrorCode.OUT_OF_MEMORY;
    }
}
