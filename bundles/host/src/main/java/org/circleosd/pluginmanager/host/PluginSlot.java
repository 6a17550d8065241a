package org.circleosd.pluginmanager.host;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.locks.ReentrantLock;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.runtime.PluginRuntime;
import org.jspecify.annotations.Nullable;

/**
 * One plugin in its place: calls go through its gate to the opened plugin, while changes (open, upgrade, move to another
 * runtime, close) come one after the other under its lock. Calls never take the lock.
 */
final class PluginSlot {

    /** The reason of a plugin that somebody disabled. */
    static final String DISABLED = "it is disabled";

    final PluginId id;
    final LogRing log = new LogRing();
    /** Held while the plugin changes. */
    final ReentrantLock lock = new ReentrantLock();

    private final PluginValues values;
    private final SlotEvents events;
    private final Common common;
    private final ServiceGate<Turnstile> gate;
    /** Who has the permit changes the plugin; it may take a while, and the lock is not held all the time. */
    private final Semaphore changing = new Semaphore(1);

    /** Changed with the lock held. */
    private volatile SlotStatus status;
    /** Guarded by the lock. */
    private @Nullable Turnstile turnstile;
    /** Counts the calls after an upgrade, whatever the content is opened on; null if none is watched. */
    private volatile @Nullable BudgetWatch watch;

    /**
     * What all slots of a host have in common.
     *
     * @param swapWait how long a call waits while a plugin's runtime is being replaced
     * @param failures how often what runs a plugin may fail
     * @param supervision acts on plugins whose calls end badly
     * @param startWait how long a call waits while a plugin is loading and its own time is not known yet
     */
    record Common(
            KeptState state,
            PluginEvents events,
            PluginCalls calls,
            RuntimeFailures.Limit failures,
            Supervision supervision,
            Duration swapWait,
            Duration startWait,
            Duration drain) {}

    /**
     * Makes the place.
     *
     * @param image the copy that the record names; null if it is missing from the store
     * @param isKept whether the record is in the state
     */
    PluginSlot(PluginRecord record, @Nullable PluginImage image, boolean isKept, Common common) {
        id = record.id();
        status = SlotStatus.ofKept(record, image);
        values = new PluginValues(id, common.state(), isKept);
        events = new SlotEvents(id, common.events());
        this.common = common;
        gate = new ServiceGate<>("plugin " + id, this::patience, common.drain());
    }

    /** Returns what the host is to content that is loaded, when it is opened once more. */
    SlotContext context(PluginContent content) {
        return context(content, OpenedValues.ofKept(values, content.valueBytes()));
    }

    /** Returns what the host is to content that is being loaded. */
    SlotContext contextOfNew(PluginContent content) {
        return context(content, OpenedValues.ofNew(values, content.valueBytes()));
    }

    private SlotContext context(PluginContent content, OpenedValues opened) {
        return new SlotContext(this, content, opened, common.calls());
    }

    PluginValues values() {
        return values;
    }

    SlotEvents events() {
        return events;
    }

    SlotStatus status() {
        return status;
    }

    byte[] invoke(Invocation invocation) {
        while (true) {
            byte[] result = gate.<byte @Nullable []>call(entrance -> entrance.invoke(invocation));
            if (result != null) {
                return result;
            }
            // The plugin left while the call waited for it: the gate knows what is there now.
        }
    }

    /**
     * Makes a change that takes a while, if nobody else makes one.
     *
     * @throws PluginException {@link ErrorCode#BUSY} if somebody does, or what the change throws
     */
    void changeAlone(Runnable change) {
        if (!changing.tryAcquire()) {
            throw new PluginException(
                    ErrorCode.BUSY,
                    "plugin '" + id + "' is being changed by somebody else at this moment; look at it and try again");
        }
        run(change);
    }

    /** Makes a change when nobody else makes one. */
    void changeNext(Runnable change) {
        changing.acquireUninterruptibly();
        run(change);
    }

    private void run(Runnable change) {
        try {
            change.run();
        } finally {
            changing.release();
        }
    }

    /** Says whether it is to be opened when a part arrives; one that failed gets another chance then. */
    boolean isWaiting() {
        PluginState now = status.state();
        return now == PluginState.LOADING || now == PluginState.SUSPENDED || now == PluginState.FAILED;
    }

    boolean runsOn(PluginRuntime runtime) {
        Runtimes.Opened now = status.opened();
        return now != null && now.runtime() == runtime;
    }

    /** Says whether a runtime with this ranking should take the plugin over. */
    boolean shouldMoveTo(PluginRuntime runtime, int ranking) {
        Runtimes.Opened now = status.opened();
        return now != null && now.runtime() != runtime && now.ranking() < ranking;
    }

    @Nullable
    BudgetWatch watch() {
        return watch;
    }

    /** Counts the calls of what is used from now on. The lock must be held. */
    void watch(@Nullable BudgetWatch next) {
        watch = next;
    }

    /** Changes what is kept of the plugin, and nothing that takes calls. The lock must be held. */
    void keep(SlotStatus next) {
        status = next;
    }

    /**
     * Takes an opened plugin for new calls; returns the one before it. The lock must be held.
     *
     * @param kind what that is to those who listen; null: nothing
     */
    @Nullable
    Leaving use(PluginContent next, Runtimes.Opened by, PluginEvent.@Nullable Kind kind, String why) {
        Runtimes.Opened before = status.opened();
        Turnstile closing = turnstile;
        Supervision supervision = common.supervision();
        CallOutcomes outcomes = new CallOutcomes(
                watch,
                new RuntimeFailures(common.failures()),
                (watching, reason) -> supervision.overBudget(this, watching, reason),
                reason -> supervision.broken(this, by.plugin(), reason));
        Turnstile opening = new Turnstile(id, by.plugin(), next.limits(), outcomes);
        turnstile = opening;
        // First: whoever sees it active, and calls, is not refused.
        gate.expect();
        status = status.with(next).active(by);
        if (kind != null) {
            events.happened(kind, why);
        }
        // Last: whoever was answered by the plugin sees it active, and what a call does to it comes after this.
        gate.bind(opening);
        return leaving(before, closing);
    }

    /** Takes no calls until it is opened again: they wait. The lock must be held. */
    @Nullable
    Leaving suspend() {
        events.happened(PluginEvent.Kind.SUSPENDED, "");
        return release(PluginState.SUSPENDED, null);
    }

    /** Takes no calls and says why. The lock must be held. */
    @Nullable
    Leaving fail(String why) {
        // A part that arrives gives it another chance, which is no news if it fails in the same way.
        boolean isNews = status.state() != PluginState.FAILED || !why.equals(status.reason());
        refuse(why, "; bring it back with enable, or unload it");
        Leaving leaving = release(PluginState.FAILED, why);
        // After the state: whoever hears of it, and looks, sees it failed.
        if (isNews) {
            events.happened(PluginEvent.Kind.FAILED, why);
        }
        return leaving;
    }

    /** Takes no calls until somebody enables it. The lock must be held. */
    @Nullable
    Leaving disable(String why) {
        refuse(why, "; bring it back with enable");
        return release(PluginState.DISABLED, why);
    }

    /** Takes no calls for ever. The lock must be held. */
    @Nullable
    Leaving leave(PluginException refusal) {
        gate.refuse(refusal.code(), refusal.getMessage());
        return release(PluginState.DRAINING, null);
    }

    private void refuse(String why, String remedy) {
        gate.refuse(ErrorCode.PLUGIN_FAILED, "plugin '" + id + "' is out of service: " + why + remedy);
    }

    private @Nullable Leaving release(PluginState next, @Nullable String why) {
        Runtimes.Opened before = status.opened();
        Turnstile closing = turnstile;
        turnstile = null;
        Leaving leaving = leaving(before, closing);
        // Last: whoever sees the state finds that calls are refused.
        status = status.closed(next, why);
        return leaving;
    }

    private @Nullable Leaving leaving(Runtimes.@Nullable Opened before, @Nullable Turnstile closing) {
        if (before == null || closing == null) {
            return null;
        }
        ServiceGate.Drain calls = gate.release(closing);
        // Now that the gate sends nobody here any more: those that wait go back to it.
        closing.close();
        return new Leaving(id, before.plugin(), calls);
    }

    /** Returns how long a call waits while nothing takes it. */
    private Duration patience() {
        SlotStatus now = status;
        if (now.state() != PluginState.LOADING) {
            return common.swapWait();
        }
        // After a start, a call waits for its plugin as long as it may take.
        PluginContent content = now.content();
        return content == null ? common.startWait() : content.limits().timeout();
    }
}
