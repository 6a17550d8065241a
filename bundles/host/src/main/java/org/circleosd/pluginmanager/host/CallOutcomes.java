package org.circleosd.pluginmanager.host;

import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;

/** What becomes of the calls of one opened plugin. A call that ends well costs nothing once no upgrade is watched. */
final class CallOutcomes {

    private final RuntimeFailures failures;
    private final BiConsumer<BudgetWatch, String> overBudget;
    private final Consumer<String> broken;
    private volatile @Nullable BudgetWatch watch;

    /**
     * Begins to count.
     *
     * @param watch null if no upgrade is watched
     * @param overBudget told at most once, with the reason, that the upgrade used up its error budget
     * @param broken told, with the reason, that what runs the plugin failed too often
     */
    CallOutcomes(
            @Nullable BudgetWatch watch,
            RuntimeFailures failures,
            BiConsumer<BudgetWatch, String> overBudget,
            Consumer<String> broken) {
        this.watch = watch;
        this.failures = failures;
        this.overBudget = overBudget;
        this.broken = broken;
    }

    void succeeded() {
        BudgetWatch watching = watch;
        if (watching != null) {
            watching.succeeded();
            forgetIfOver(watching);
        }
    }

    void failed(Throwable why) {
        if (why instanceof PluginException refused && refused.code() != ErrorCode.INTERNAL) {
            failedByItself(refused);
        } else if (failures.isTooMany(System.nanoTime())) {
            broken.accept(failures.tooMany(why));
        }
    }

    private void failedByItself(PluginException why) {
        BudgetWatch watching = watch;
        if (watching != null) {
            if (watching.failed(why)) {
                overBudget.accept(watching, watching.tooMuch(why));
            }
            forgetIfOver(watching);
        }
    }

    private void forgetIfOver(BudgetWatch watching) {
        if (watching.isOver()) {
            watch = null;
        }
    }
}
