package org.circleosd.pluginmanager.host;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginListener;
import org.jspecify.annotations.Nullable;

/** Numbers what happens, keeps the last events, and tells them to the listeners, each at its own pace. */
final class PluginEvents {

    private static final Duration CLOSE_BOUND = Duration.ofSeconds(1);

    private final Clock clock;
    private final int most;
    private final ExecutorService threads =
            Executors.newCachedThreadPool(new NamedThreads("plugin-events", NamedThreads.GUEST_STACK));
    /** Guarded by this, as is all below. */
    private final IdentityHashMap<PluginListener, EventDelivery> deliveries = new IdentityHashMap<>();

    private final ArrayDeque<PluginEvent> kept = new ArrayDeque<>();
    private long sequence;
    private boolean isClosed;

    /**
     * Makes a numbering that begins at 1.
     *
     * @param most events that are kept; positive
     */
    PluginEvents(Clock clock, int most) {
        this.clock = clock;
        this.most = most;
    }

    /** Goes on after a sequence, unless events were numbered higher already. */
    synchronized void beginAfter(long last) {
        sequence = Math.max(sequence, last);
    }

    /** Tells a listener what happens from now on. */
    synchronized void add(PluginListener listener) {
        if (!isClosed) {
            deliveries.put(listener, new EventDelivery(listener, threads));
        }
    }

    /** Tells a listener nothing any more, and blocks, bounded, while it still hears something. */
    void remove(PluginListener listener) {
        EventDelivery delivery = taken(listener);
        if (delivery != null) {
            delivery.close(CLOSE_BOUND);
        }
    }

    /** Makes an event of a plugin; returns at once, whatever the listeners do. */
    void happened(PluginId plugin, PluginEvent.Kind kind, String reason) {
        happened(kind, plugin, null, reason);
    }

    /** Makes an event of a bundle; returns at once, whatever the listeners do. */
    void happened(String bundle, PluginEvent.Kind kind, String reason) {
        happened(kind, null, bundle, reason);
    }

    /** Returns the events with a larger sequence that are kept, oldest first. */
    synchronized List<PluginEvent> after(long known) {
        return kept.stream().filter(event -> event.sequence() > known).toList();
    }

    /** Makes no more events; those that wait are still told. */
    synchronized void close() {
        isClosed = true;
        threads.shutdown();
    }

    private synchronized void happened(
            PluginEvent.Kind kind, @Nullable PluginId plugin, @Nullable String bundle, String reason) {
        if (isClosed) {
            return;
        }
        Instant now = clock.instant().truncatedTo(ChronoUnit.MILLIS);
        PluginEvent event = new PluginEvent(++sequence, now, kind, plugin, bundle, reason);
        if (kept.size() == most) {
            kept.remove();
        }
        kept.add(event);
        deliveries.values().forEach(delivery -> delivery.offer(event));
    }

    private synchronized @Nullable EventDelivery taken(PluginListener listener) {
        return deliveries.remove(listener);
    }
}
