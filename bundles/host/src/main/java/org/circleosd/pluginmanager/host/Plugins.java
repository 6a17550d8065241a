package org.circleosd.pluginmanager.host;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.StateStore;
import org.circleosd.pluginmanager.api.runtime.PluginRuntime;
import org.jspecify.annotations.Nullable;

/**
 * The loaded plugins and what happens to them. A plugin is kept in the state store before its load is answered; a
 * plugin that is kept but cannot be opened now is opened as soon as the part that it lacks arrives.
 */
final class Plugins {

    private static final System.Logger LOG = System.getLogger(Plugins.class.getName());
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(3);

    private final Preparation preparation;
    private final Runtimes runtimes;
    private final PluginMoves moves;
    private final KeptState state;
    private final PluginEvents events;
    private final Duration wait;
    private final Duration drain;
    private final Clock clock;

    private final Map<PluginId, PluginSlot> slots = new ConcurrentSkipListMap<>();
    private final AtomicBoolean restoring = new AtomicBoolean();
    private final CountDownLatch restored = new CountDownLatch(1);

    Plugins(Preparation preparation, Duration wait, Duration drain, Clock clock) {
        this.preparation = preparation;
        this.runtimes = new Runtimes(wait, drain);
        this.moves = new PluginMoves(preparation, runtimes, drain);
        this.state = new KeptState(wait, drain);
        this.events = new PluginEvents(clock);
        this.wait = wait;
        this.drain = drain;
        this.clock = clock;
    }

    Preparation preparation() {
        return preparation;
    }

    // What clients ask for

    List<PluginInfo> list() {
        awaitRestored();
        return slots.values().stream().map(PluginSlot::info).toList();
    }

    PluginSlot slot(PluginId id) {
        awaitRestored();
        PluginSlot slot = slots.get(id);
        if (slot == null) {
            throw notFound(id);
        }
        return slot;
    }

    PluginInfo load(LoadRequest request) {
        awaitRestored();
        Path path = request.path().toAbsolutePath().normalize();
        PluginImage image = preparation.images.take(path);
        try {
            ManifestSource source = ManifestSource.read(path, request.manifest().map(Path::toAbsolutePath));
            PluginManifest manifest = preparation.parse(source);
            image = preparation.linking.link(image, manifest, source);
            PluginId id = request.as().orElseGet(manifest::defaultId);
            PluginRecord record =
                    PluginRecord.of(id, image, clock.instant().truncatedTo(ChronoUnit.MILLIS), source, manifest);
            PluginSlot slot = slot(record, image, false);
            // Locked before anybody can see it: nobody else may open it meanwhile.
            slot.lock.lock();
            try {
                PluginSlot taken = slots.putIfAbsent(id, slot);
                if (taken != null) {
                    throw alreadyLoaded(taken);
                }
                openNew(slot, record, image, manifest);
            } finally {
                slot.lock.unlock();
            }
            LOG.log(System.Logger.Level.INFO, "loaded plugin {0} of {1}", id, path);
            return slot.info();
        } catch (RuntimeException e) {
            preparation.images.drop(image);
            throw e;
        }
    }

    PluginInfo replace(PluginId id, LoadRequest request) {
        PluginSlot slot = slot(id);
        Path path = request.path().toAbsolutePath().normalize();
        PluginImage image = preparation.images.take(path);
        PluginImage before;
        PluginSlot.@Nullable Leaving leaving;
        slot.lock.lock();
        try {
            if (slots.get(id) != slot || slot.state() == PluginState.DRAINING) {
                throw notFound(id);
            }
            ManifestSource source = ManifestSource.read(path, request.manifest().map(Path::toAbsolutePath));
            PluginManifest manifest = preparation.parse(source);
            image = preparation.linking.link(image, manifest, source);
            PluginRecord record = PluginRecord.of(id, image, slot.record().loadedAt(), source, manifest);
            PluginContent content = preparation.check(record, image, manifest);
            before = slot.image();
            leaving = openAndKeep(slot, content, PluginEvent.Kind.REPLACED);
        } catch (RuntimeException e) {
            preparation.images.drop(image);
            throw e;
        } finally {
            slot.lock.unlock();
        }
        if (leaving != null) {
            leaving.close(drain);
        }
        if (before != null) {
            preparation.images.drop(before);
        }
        LOG.log(System.Logger.Level.INFO, "replaced plugin {0} by {1}", id, path);
        return slot.info();
    }

    void unload(PluginId id) {
        PluginSlot slot = slot(id);
        PluginSlot.@Nullable Leaving leaving;
        slot.lock.lock();
        try {
            if (slots.get(id) != slot || slot.state() == PluginState.DRAINING) {
                throw notFound(id);
            }
            StateStore.Change gone = new StateStore.Change(PluginRecord.BUCKET, id.value(), null);
            state.run(store -> slot.values().delete(store, gone));
            leaving = slot.leave(notFound(id));
        } finally {
            slot.lock.unlock();
        }
        if (leaving != null) {
            leaving.close(drain);
        }
        // Before another may take the id.
        slot.happened(PluginEvent.Kind.UNLOADED, "");
        slots.remove(id, slot);
        PluginImage image = slot.image();
        if (image != null) {
            preparation.images.drop(image);
        }
        LOG.log(System.Logger.Level.INFO, "unloaded plugin {0}", id);
    }

    private void openNew(PluginSlot slot, PluginRecord record, PluginImage image, PluginManifest manifest) {
        try {
            openAndKeep(slot, preparation.check(record, image, manifest), PluginEvent.Kind.LOADED);
        } catch (RuntimeException e) {
            slot.leave(notFound(slot.id));
            slots.remove(slot.id, slot);
            throw e;
        }
    }

    /** Opens content beside what the slot runs, keeps its record, then lets it take the calls. */
    private PluginSlot.@Nullable Leaving openAndKeep(PluginSlot slot, PluginContent content, PluginEvent.Kind kind) {
        StateStore.Change record = new StateStore.Change(
                PluginRecord.BUCKET, slot.id.value(), content.record().encode());
        SlotContext context = slot.contextOfNew(content);
        try {
            return runtimes.open(content, context, opened -> {
                try {
                    context.values().take(record);
                } catch (RuntimeException e) {
                    opened.plugin().close();
                    throw e;
                }
                return slot.use(content, opened, kind);
            });
        } catch (RuntimeException e) {
            context.values().refuse();
            throw e;
        }
    }

    private PluginSlot slot(PluginRecord record, @Nullable PluginImage image, boolean isKept) {
        return new PluginSlot(record, image, new PluginValues(record.id(), state, isKept), events, wait, drain);
    }

    // Parts that come and go

    void bindState(StateStore store) {
        state.bind(store);
        if (restoring.compareAndSet(false, true)) {
            moves.run(() -> {
                try {
                    restore();
                } catch (RuntimeException e) {
                    restoring.set(false); // the next state store is tried
                    throw e;
                }
            });
        }
    }

    void unbindState(StateStore store) {
        state.unbind(store);
    }

    void bindRuntime(PluginType type, PluginRuntime runtime, int ranking) {
        runtimes.bind(type, runtime, ranking);
        moves.moveTo(runtime, ranking, slots.values());
        openWaiting();
    }

    /** Blocks, bounded, until nothing runs on this runtime any more: it closes when this returns. */
    void unbindRuntime(PluginType type, PluginRuntime runtime) {
        runtimes.unbind(type, runtime);
        moves.takeOff(runtime, slots.values());
    }

    /** Opens what is kept and waits for a part that was missing. */
    void openWaiting() {
        moves.openWaiting(slots.values());
    }

    void close() {
        moves.stop();
        List<PluginSlot.Leaving> leavings = new ArrayList<>();
        for (PluginSlot slot : slots.values()) {
            slot.lock.lock();
            try {
                PluginSlot.Leaving leaving = slot.leave(
                        new PluginException(ErrorCode.UNAVAILABLE, "the plugin host is being replaced; try again"));
                if (leaving != null) {
                    leavings.add(leaving);
                }
            } finally {
                slot.lock.unlock();
            }
        }
        for (PluginSlot.Leaving leaving : leavings) {
            leaving.close(CLOSE_BOUND);
        }
        moves.close();
        state.close();
        events.close();
    }

    PluginEvents events() {
        return events;
    }

    private void restore() {
        Map<String, byte[]> kept = state.call(store -> store.entries(PluginRecord.BUCKET));
        kept.forEach((key, value) -> {
            try {
                PluginRecord record = PluginRecord.decode(key, value);
                slots.put(record.id(), kept(record));
            } catch (PluginException e) {
                LOG.log(System.Logger.Level.ERROR, e.getMessage());
            }
        });
        // A state that shows no plugin may be a damaged one: the images must be there when a good copy is put back.
        if (!slots.isEmpty() && slots.size() == kept.size()) {
            sweepImages();
        }
        restored.countDown();
        openWaiting();
    }

    /** Before anybody may load: what is being copied in is held by nobody yet. */
    private void sweepImages() {
        try {
            preparation.images.sweep();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the store of images cannot be swept: {0}", e.getMessage());
        }
    }

    private PluginSlot kept(PluginRecord record) {
        try {
            return slot(record, preparation.linking.hold(record), true);
        } catch (PluginException e) {
            PluginSlot slot = slot(record, null, true);
            slot.fail(e.getMessage());
            return slot;
        }
    }

    private void awaitRestored() {
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

    private static PluginException alreadyLoaded(PluginSlot taken) {
        return new PluginException(
                ErrorCode.ALREADY_LOADED,
                "id '" + taken.id + "' is taken by " + taken.record().path()
                        + "; unload it first, or load this one with \"as\":\"<another id>\"");
    }

    private static PluginException notFound(PluginId id) {
        return new PluginException(ErrorCode.PLUGIN_NOT_FOUND, "no plugin has the id '" + id + "'");
    }
}
