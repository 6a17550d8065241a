package org.circleosd.pluginmanager.host;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Supplier;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.runtime.PluginRuntime;
import org.jspecify.annotations.Nullable;

/**
 * One plugin in its place: calls go through its gate to the opened plugin, while changes (open, replace, move to another
 * runtime, close) come one after the other under its lock. Calls never take the lock.
 */
final class PluginSlot {

    /** The reason of a plugin that somebody disabled. */
    static final String DISABLED = "it is disabled";

    /**
     * Content that a rollback returns to.
     *
     * @param image held
     */
    record Previous(PluginRecord record, PluginImage image) {}

    final PluginId id;
    final LogRing log = new LogRing();
    /** Held while the plugin changes. */
    final ReentrantLock lock = new ReentrantLock();

    private final PluginValues values;
    private final SlotEvents events;
    private final AtomicBoolean isBeingChanged = new AtomicBoolean();
    private final ServiceGate<Turnstile> gate;
    private volatile PluginRecord record;
    private volatile PluginState state = PluginState.LOADING;
    private volatile @Nullable String reason;
    private volatile @Nullable PluginContent content;
    private volatile @Nullable PluginImage image;
    private volatile @Nullable Previous previous;
    private volatile Runtimes.@Nullable Opened opened;
    private volatile @Nullable Turnstile turnstile;
    /**
     * Makes the place.
     *
     * @param image the copy that the record names; null if it is missing from the store
     */
    PluginSlot(
            PluginRecord record,
            @Nullable PluginImage image,
            PluginValues values,
            PluginEvents events,
            Duration wait,
            Duration drain) {
        this.image = image;
        this.id = record.id();
        this.record = record;
        this.values = values;
        this.events = new SlotEvents(id, events);
        this.gate = new ServiceGate<>("plugin " + id, wait, drain);
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
        return new SlotContext(this, content.signer(), opened);
    }

    PluginValues values() {
        return values;
    }

    SlotEvents events() {
        return events;
    }

    /**
     * Makes a change that takes a while, if nobody else makes one.
     *
     * @throws PluginException {@link ErrorCode#BUSY} if somebody does, or what the change throws
     */
    <R> R changeAlone(Supplier<R> change) {
        if (!isBeingChanged.compareAndSet(false, true)) {
            throw new PluginException(
                    ErrorCode.BUSY,
                    "plugin '" + id + "' is being changed by somebody else at this moment; look at it and try again");
        }
        try {
            return change.get();
        } finally {
            isBeingChanged.set(false);
        }
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

    PluginRecord record() {
        return record;
    }

    PluginState state() {
        return state;
    }

    @Nullable
    PluginImage image() {
        return image;
    }

    @Nullable
    Previous previous() {
        return previous;
    }

    /** Says what a rollback returns to; the lock must be held. */
    void previous(@Nullable Previous content) {
        previous = content;
    }

    @Nullable
    PluginContent content() {
        return content;
    }

    /** Says whether it is to be opened when a part arrives; one that failed gets another chance then. */
    boolean isWaiting() {
        return state == PluginState.LOADING || state == PluginState.SUSPENDED || state == PluginState.FAILED;
    }

    boolean runsOn(PluginRuntime runtime) {
        Runtimes.Opened now = opened;
        return now != null && now.runtime() == runtime;
    }

    PluginInfo info() {
        PluginRecord shown = record;
        PluginContent checked = content;
        Runtimes.Opened now = opened;
        // One that is made ready in the background can fail after it was opened.
        Optional<String> failure = now == null ? Optional.empty() : now.plugin().failure();
        return new PluginInfo(
                id,
                shown.name(),
                shown.version(),
                shown.description(),
                shown.type(),
                failure.isPresent() ? PluginState.FAILED : state,
                failure.orElse(reason),
                shown.path().toString(),
                shown.sha256(),
                now == null ? "" : now.plugin().abi(),
                now == null ? List.of() : now.plugin().functions(),
                checked == null ? null : checked.signer().orElse(null),
                now == null ? List.of() : now.plugin().isolation(),
                now == null ? List.of() : now.plugin().unenforced(),
                now == null ? Map.of() : now.plugin().details(),
                now == null ? null : now.plugin().engine().orElse(null),
                shown.loadedAt());
    }

    /**
     * Takes an opened plugin for new calls; returns the one before it. The lock must be held.
     *
     * @param kind what that is to those who listen; null: nothing
     */
    @Nullable
    Leaving use(PluginContent next, Runtimes.Opened by, PluginEvent.@Nullable Kind kind, String why) {
        Runtimes.Opened before = opened;
        Turnstile closing = turnstile;
        Turnstile opening = new Turnstile(id, by.plugin(), next.limits());
        hold(next);
        opened = by;
        turnstile = opening;
        reason = null;
        state = PluginState.ACTIVE;
        if (kind != null) {
            events.happened(kind, why);
        }
        // Last: whoever was answered by the plugin sees it active, and what a call does to it comes after this.
        gate.bind(opening);
        return leaving(before, closing);
    }

    /** Changes the content without opening it. The lock must be held. */
    void hold(PluginContent next) {
        content = next;
        image = next.image();
        record = next.record();
    }

    /** Takes no calls until it is opened again: they wait. The lock must be held. */
    @Nullable
    Leaving suspend() {
        state = PluginState.SUSPENDED;
        events.happened(PluginEvent.Kind.SUSPENDED, "");
        return release();
    }

    /** Takes no calls and says why. The lock must be held. */
    void fail(String why) {
        // A part that arrives gives it another chance, which is no news if it fails in the same way.
        boolean isNews = state != PluginState.FAILED || !why.equals(reason);
        state = PluginState.FAILED;
        reason = why;
        gate.refuse(
                ErrorCode.PLUGIN_FAILED,
                "plugin '" + id + "' is out of service: " + why + "; bring it back with enable, or unload it");
        if (isNews) {
            events.happened(PluginEvent.Kind.FAILED, why);
        }
    }

    /** Takes no calls until it is opened again: they are refused. The lock must be held. */
    @Nullable
    Leaving disable(PluginRecord next, String why) {
        record = next;
        state = PluginState.DISABLED;
        reason = why;
        gate.refuse(
                ErrorCode.PLUGIN_FAILED,
                "plugin '" + id + "' is out of service: " + why + "; bring it back with enable");
        return release();
    }

    /** Takes no calls for ever. The lock must be held. */
    @Nullable
    Leaving leave(PluginException refusal) {
        state = PluginState.DRAINING;
        gate.refuse(refusal.code(), refusal.getMessage());
        return release();
    }

    private @Nullable Leaving release() {
        Runtimes.Opened before = opened;
        Turnstile closing = turnstile;
        opened = null;
        turnstile = null;
        return leaving(before, closing);
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

    /** Says whether a runtime with this ranking should take the plugin over. */
    boolean shouldMoveTo(PluginRuntime runtime, int ranking) {
        Runtimes.Opened now = opened;
        return now != null && now.runtime() != runtime && now.ranking() < ranking;
    }
}
