package org.circleosd.pluginmanager.host;

import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginState;
import org.jspecify.annotations.Nullable;

/** The slots of the loaded plugins. Whoever looks waits, bounded, until those that are kept were read. */
final class PluginSet {

    private final Duration wait;
    private final Map<PluginId, PluginSlot> slots = new ConcurrentSkipListMap<>();
    private final CountDownLatch restored = new CountDownLatch(1);
    private volatile boolean isClosed;

    /**
     * Makes a set into which the kept ones have not been read.
     *
     * @param wait how long one waits for that
     */
    PluginSet(Duration wait) {
        this.wait = wait;
    }

    List<PluginInfo> list() {
        awaitRestored();
        return slots.values().stream().map(slot -> slot.status().info()).toList();
    }

    PluginSlot get(PluginId id) {
        awaitRestored();
        PluginSlot slot = slots.get(id);
        if (slot == null) {
            throw notFound(id);
        }
        return slot;
    }

    /** Returns the one that is there now; null if there is none. Waits for nothing. */
    @Nullable
    PluginSlot find(PluginId id) {
        return slots.get(id);
    }

    /** Returns all that are there now, in the order of their ids; waits for nothing. */
    Collection<PluginSlot> present() {
        return slots.values();
    }

    /**
     * Adds a slot.
     *
     * @throws PluginException {@link ErrorCode#ALREADY_LOADED} if the id is taken
     */
    void add(PluginSlot slot) {
        PluginSlot taken = slots.putIfAbsent(slot.id, slot);
        if (taken != null) {
            throw new PluginException(
                    ErrorCode.ALREADY_LOADED,
                    "id '" + taken.id + "' is taken by "
                            + taken.status().record().path()
                            + "; unload it first, or load this one with \"as\":\"<another id>\"");
        }
    }

    void remove(PluginSlot slot) {
        slots.remove(slot.id, slot);
    }

    /** From now on, changes are refused because the host goes, and not because the plugin does. */
    void close() {
        isClosed = true;
    }

    /** Refuses a slot whose plugin is gone, or goes; its lock must be held. */
    void checkPresent(PluginSlot slot) {
        if (isClosed) {
            throw closed();
        }
        if (slots.get(slot.id) != slot || slot.status().state() == PluginState.DRAINING) {
            throw notFound(slot.id);
        }
    }

    /** Lets in those who wait for the kept ones. */
    void restored() {
        restored.countDown();
    }

    void awaitRestored() {
        if (restored.getCount() == 0) {
            return;
        }
        try {
            if (!restored.await(wait.toNanos(), TimeUnit.NANOSECONDS)) {
                throw new PluginException(
                        ErrorCode.UNAVAILABLE,
                        "the plugins are not back yet: there was no state store for " + wait.toMillis()
                                + " ms; try again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PluginException(ErrorCode.CANCELLED, "gave up waiting for the plugins to come back");
        }
    }

    static PluginException closed() {
        return new PluginException(ErrorCode.UNAVAILABLE, "the plugin host is being replaced; try again");
    }

    static PluginException notFound(PluginId id) {
        return new PluginException(ErrorCode.PLUGIN_NOT_FOUND, "no plugin has the id '" + id + "'");
    }
}
