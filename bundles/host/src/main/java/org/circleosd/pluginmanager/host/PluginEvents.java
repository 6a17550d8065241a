package org.circleosd.pluginmanager.host;

import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.IdentityHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginListener;
import org.jspecify.annotations.Nullable;

/** Numbers what happens to plugins and tells it to the listeners, each at its own pace. */
final class PluginEvents {

    private static final Duration CLOSE_BOUND = Duration.ofSeconds(1);

    private final Clock clock;
    private final ExecutorService threads =
            Executors.newCachedThreadPool(new NamedThreads("plugin-events", NamedThreads.GUEST_STACK));
    /** Guarded by this, as is all below. */
    private final IdentityHashMap<PluginListener, EventDelivery> deliveries = new IdentityHashMap<>();

    private long sequence;
    private boolean isClosed;

    PluginEvents(Clock clock) {
        this.clock = clock;
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

    /** Makes an event; returns at once, whatever the listeners do. */
    synchronized void happened(PluginId plugin, PluginEvent.Kind kind, String reason) {
        if (isClosed) {
            return;
        }
        PluginEvent event =
                new PluginEvent(++sequence, clock.instant().truncatedTo(ChronoUnit.MILLIS), plugin, kind, reason);
        deliveries.values().forEach(delivery -> delivery.offer(event));
    }

    /** Makes no more events; those that wait are still told. */
    synchronized void close() {
        isClosed = true;
        threads.shutdown();
    }

    private synchronized @Nullable EventDelivery taken(PluginListener listener) {
        return deliveries.remove(listener);
    }
}
