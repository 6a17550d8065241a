package org.circleosd.pluginmanager.host;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.api.runtime.PluginRuntime;
import org.jspecify.annotations.Nullable;

/**
 * Opens loaded plugins again when the part that they lacked arrives, and takes them from a runtime that leaves to the
 * next one. Several at a time, on threads of its own, so that a slow one does not keep the others waiting.
 */
final class PluginMoves {

    private static final System.Logger LOG = System.getLogger(PluginMoves.class.getName());
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(3);

    private final Preparation preparation;
    private final Runtimes runtimes;
    private final ChangeRules rules;
    private final Duration drain;
    private final Clock clock;
    private final ExecutorService openers = Executors.newFixedThreadPool(
            // More than processors: a native plugin mostly waits for its process, and a wasm plugin for the compiler.
            Math.max(8, 2 * Runtime.getRuntime().availableProcessors()),
            new NamedThreads("plugin-opener", NamedThreads.GUEST_STACK));
    private volatile boolean closing;

    PluginMoves(Preparation preparation, Runtimes runtimes, ChangeRules rules, Duration drain, Clock clock) {
        this.preparation = preparation;
        this.runtimes = runtimes;
        this.rules = rules;
        this.drain = drain;
        this.clock = clock;
    }

    /** Opens those that are loaded and wait for a part that was missing. */
    void openWaiting(Iterable<PluginSlot> slots) {
        for (PluginSlot slot : slots) {
            if (slot.isWaiting()) {
                run(() -> reopen(slot));
            }
        }
    }

    /** Moves those to a runtime that run on one of lower ranking. */
    void moveTo(PluginRuntime runtime, int ranking, Iterable<PluginSlot> slots) {
        for (PluginSlot slot : slots) {
            if (slot.shouldMoveTo(runtime, ranking)) {
                run(() -> move(slot, runtime, ranking));
            }
        }
    }

    /** Takes all off a runtime; blocks, bounded, until nothing runs on it any more. */
    void takeOff(PluginRuntime runtime, Iterable<PluginSlot> slots) {
        List<PluginSlot> leaving = new ArrayList<>();
        for (PluginSlot slot : slots) {
            if (slot.runsOn(runtime)) {
                leaving.add(slot);
            }
        }
        for (List<PluginSlot> group : rules.dependantsFirst(leaving)) {
            if (closing) {
                return;
            }
            List<Future<?>> moves = new ArrayList<>();
            group.forEach(slot -> moves.add(openers.submit(() -> leave(slot, runtime))));
            // Each is bounded: opening by the plugin's own deadline, draining by the drain time.
            moves.forEach(PluginMoves::await);
        }
    }

    /** Opens one that waits, if that can be done now. */
    void reopenLater(PluginSlot slot) {
        run(() -> reopen(slot));
    }

    void run(Runnable work) {
        if (!closing) {
            openers.execute(() -> {
                try {
                    work.run();
                } catch (RuntimeException e) {
                    LOG.log(System.Logger.Level.ERROR, "opening plugins failed", e);
                }
            });
        }
    }

    /** Begins nothing any more. */
    void stop() {
        closing = true;
    }

    /** Waits, bounded, for what has begun. */
    void close() {
        openers.shutdown();
        try {
            if (!openers.awaitTermination(CLOSE_BOUND.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(System.Logger.Level.WARNING, "plugins are still being opened while the host closes");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void reopen(PluginSlot slot) {
        slot.lock.lock();
        try {
            SlotStatus now = slot.status();
            PluginImage image = now.image();
            if (closing
                    || !slot.isWaiting()
                    || image == null
                    || !runtimes.has(now.record().type())) {
                return;
            }
            PluginContent content = now.content();
            if (content == null) {
                content = preparation.check(
                        now.record(), image, preparation.parse(now.record().source()));
                // From now on, calls know how long they may wait.
                slot.keep(now.with(content));
            }
            if (rules.mayOpen(content)) {
                if (now.state() == PluginState.LOADING) {
                    watchAgain(slot, content);
                }
                open(slot, content, now.state());
            }
        } catch (PluginException e) {
            // A part that is missing now will call this again when it arrives.
            if (e.code() != ErrorCode.UNAVAILABLE) {
                slot.fail(e.getMessage());
            }
        } finally {
            slot.lock.unlock();
        }
    }

    /** The calls of an upgrade that are watched begin anew after a start, within the time that is left. */
    private void watchAgain(PluginSlot slot, PluginContent content) {
        Instant upgraded = content.record().upgradedAt();
        if (upgraded == null || slot.status().previous() == null) {
            return;
        }
        content.errorBudget().ifPresent(budget -> {
            Duration left = budget.time().minus(Duration.between(upgraded, clock.instant()));
            // A clock that went back gives no more time than there was.
            if (!left.isNegative() && left.compareTo(budget.time()) <= 0) {
                slot.watch(new BudgetWatch(budget, left.toNanos(), System::nanoTime));
            }
        });
    }

    private void open(PluginSlot slot, PluginContent content, PluginState before) {
        Function<Runtimes.Opened, @Nullable Leaving> receiver =
                opened -> slot.use(content, opened, PluginEvent.Kind.ACTIVE, "");
        if (before == PluginState.SUSPENDED) {
            runtimes.openAtOnce(content, slot.context(content), receiver);
        } else {
            runtimes.open(content, slot.context(content), receiver);
        }
    }

    /** Puts a plugin out of service that what runs it fails, if it still runs. */
    void fail(PluginSlot slot, LoadedPlugin plugin, String why) {
        Leaving leaving = null;
        slot.lock.lock();
        try {
            Runtimes.Opened now = slot.status().opened();
            if (now != null && now.plugin() == plugin) {
                leaving = slot.fail(why);
            }
        } finally {
            slot.lock.unlock();
        }
        if (leaving != null) {
            leaving.close(drain);
        }
    }

    /** Takes a slot off a runtime that leaves: to another one if there is one, so that no call waits. */
    void leave(PluginSlot slot, PluginRuntime runtime) {
        @Nullable Leaving leaving;
        slot.lock.lock();
        try {
            PluginContent content = slot.status().content();
            if (!slot.runsOn(runtime) || content == null) {
                return;
            }
            leaving = runtimes.has(content.manifest().type()) ? tryMove(slot, content) : null;
            if (leaving == null) {
                leaving = slot.suspend();
            }
        } finally {
            slot.lock.unlock();
        }
        if (leaving != null) {
            leaving.close(drain);
        }
        run(() -> reopen(slot));
    }

    private void move(PluginSlot slot, PluginRuntime runtime, int ranking) {
        @Nullable Leaving leaving = null;
        slot.lock.lock();
        try {
            PluginContent content = slot.status().content();
            if (slot.shouldMoveTo(runtime, ranking) && content != null) {
                leaving = tryMove(slot, content);
            }
        } finally {
            slot.lock.unlock();
        }
        if (leaving != null) {
            leaving.close(drain);
        }
    }

    private @Nullable Leaving tryMove(PluginSlot slot, PluginContent content) {
        try {
            return runtimes.open(content, slot.context(content), opened -> slot.use(content, opened, null, ""));
        } catch (PluginException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "plugin {0} cannot be opened on another runtime: {1}",
                    slot.id,
                    e.getMessage());
            return null;
        }
    }

    private static void await(Future<?> move) {
        try {
            move.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException e) {
            LOG.log(System.Logger.Level.ERROR, "a plugin could not leave its runtime", e.getCause());
        }
    }
}
