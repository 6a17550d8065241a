package org.circleosd.pluginmanager.host;

import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.StateStore;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.api.runtime.PluginRuntime;
import org.jspecify.annotations.Nullable;

/**
 * The loaded plugins and what happens to them. A plugin is kept in the state store before its load is answered; a
 * plugin that is kept but cannot be opened now is opened as soon as the part that it lacks arrives.
 */
final class Plugins implements Supervision {

    private static final System.Logger LOG = System.getLogger(Plugins.class.getName());
    private static final Duration CLOSE_BOUND = Duration.ofSeconds(3);

    /**
     * What an operator can set.
     *
     * @param events most events that are kept; positive
     * @param safeMode whether the plugins that are kept stay closed until somebody enables them
     * @param failures how often what runs a plugin may fail
     */
    record Settings(int events, boolean safeMode, Duration readyWait, RuntimeFailures.Limit failures) {}

    private final Preparation preparation;
    private final Runtimes runtimes;
    private final PluginMoves moves;
    private final KeptState state;
    private final PluginEvents events;
    private final Duration drain;
    private final Clock clock;

    private final PluginSet set;
    private final PluginCalls calls;
    private final PluginSlot.Common common;
    private final ChangeRules rules;
    private final Upgrades upgrades;
    private final Switches switches;
    private final Restore restore;
    private final AtomicBoolean restoring = new AtomicBoolean();

    /**
     * Makes a host without plugins.
     *
     * @param wait how long a call waits while a part that it needs is being replaced
     * @param drain how long calls in flight may go on when their plugin is closed
     */
    Plugins(Preparation preparation, Duration wait, Duration drain, Clock clock, Settings settings) {
        this.preparation = preparation;
        this.drain = drain;
        this.clock = clock;
        runtimes = new Runtimes(wait, drain, settings.readyWait());
        state = new KeptState(wait, drain);
        events = new PluginEvents(clock, settings.events());
        set = new PluginSet(wait);
        calls = new PluginCalls(set::get);
        Dependencies dependencies = new Dependencies(set, preparation);
        rules = dependencies;
        moves = new PluginMoves(preparation, runtimes, rules, drain, clock);
        events.add(new Settling(dependencies, moves, drain));
        common = new PluginSlot.Common(
                state, events, calls, settings.failures(), this, wait, preparation.defaultTimeout(), drain);
        restore = new Restore(state, preparation, events, settings.safeMode());
        Takeover takeover = new Takeover(set, preparation.images, new Opening(runtimes, moves), rules, drain);
        upgrades = new Upgrades(preparation, takeover, clock);
        switches = new Switches(set, preparation, takeover, rules, drain);
    }

    Preparation preparation() {
        return preparation;
    }

    PluginSet set() {
        return set;
    }

    Upgrades upgrades() {
        return upgrades;
    }

    Switches switches() {
        return switches;
    }

    /** Changes a plugin, and returns what it is then. */
    PluginInfo change(PluginId id, Consumer<PluginSlot> change) {
        PluginSlot slot = set.get(id);
        change.accept(slot);
        return slot.status().info();
    }

    PluginInfo load(LoadRequest request) {
        set.awaitRestored();
        Path path = request.path().toAbsolutePath().normalize();
        PluginImage image = preparation.images.take(path);
        try {
            ManifestSource source = ManifestSource.read(path, request.manifest().map(Path::toAbsolutePath));
            PluginManifest manifest = preparation.parse(source);
            image = preparation.linking.link(image, manifest, source);
            PluginId id = request.as().orElseGet(manifest::defaultId);
            PluginRecord record =
                    PluginRecord.of(id, image, clock.instant().truncatedTo(ChronoUnit.MILLIS), source, manifest);
            PluginSlot slot = new PluginSlot(record, image, false, common);
            // Locked before anybody can see it: nobody else may open it meanwhile.
            slot.lock.lock();
            try {
                set.add(slot);
                openNew(slot, record, image, manifest);
            } finally {
                slot.lock.unlock();
            }
            LOG.log(System.Logger.Level.INFO, "loaded plugin {0} of {1}", id, path);
            return slot.status().info();
        } catch (RuntimeException e) {
            preparation.images.giveUp(image, e);
            throw e;
        }
    }

    void unload(PluginId id, boolean force) {
        PluginSlot slot = set.get(id);
        @Nullable Leaving leaving;
        slot.lock.lock();
        try {
            set.checkPresent(slot);
            rules.checkLeave(id, force);
            List<StateStore.Change> gone =
                    List.of(new StateStore.Change(PluginRecord.BUCKET, id.value(), null), PluginRecord.noPrevious(id));
            slot.values().state().run(store -> slot.values().delete(store, gone));
            preparation.images.settle();
            leaving = slot.leave(PluginSet.notFound(id));
        } finally {
            slot.lock.unlock();
        }
        if (leaving != null) {
            leaving.close(drain);
        }
        // Before another may take the id.
        slot.events().happened(PluginEvent.Kind.UNLOADED, "");
        set.remove(slot);
        PluginImage image = slot.status().image();
        if (image != null) {
            preparation.images.drop(image);
        }
        SlotStatus.Previous previous = slot.status().previous();
        if (previous != null) {
            preparation.images.drop(previous.image());
        }
        LOG.log(System.Logger.Level.INFO, "unloaded plugin {0}", id);
    }

    private void openNew(PluginSlot slot, PluginRecord record, PluginImage image, PluginManifest manifest) {
        try {
            PluginContent content = preparation.check(record, image, manifest);
            rules.checkUse(content, false);
            openAndKeep(slot, content);
        } catch (RuntimeException e) {
            slot.leave(PluginSet.notFound(slot.id));
            set.remove(slot);
            throw e;
        }
    }

    /** Opens content, keeps its record, then lets it take the calls. */
    private void openAndKeep(PluginSlot slot, PluginContent content) {
        SlotContext context = slot.contextOfNew(content);
        try {
            runtimes.<@Nullable Leaving>open(content, context, opened -> {
                try {
                    rules.checkUse(content, false);
                    context.values()
                            .take(List.of(content.record().in(PluginRecord.BUCKET), PluginRecord.noPrevious(slot.id)));
                    preparation.images.settle();
                } catch (RuntimeException e) {
                    opened.plugin().close();
                    throw e;
                }
                return slot.use(content, opened, PluginEvent.Kind.LOADED, "");
            });
        } catch (RuntimeException e) {
            context.values().refuse();
            throw e;
        }
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
        moves.moveTo(runtime, ranking, set.present());
        openWaiting();
    }

    /** Blocks, bounded, until nothing runs on this runtime any more: it closes when this returns. */
    void unbindRuntime(PluginType type, PluginRuntime runtime) {
        runtimes.unbind(type, runtime);
        moves.takeOff(runtime, set.present());
    }

    /** Opens what is kept and waits for a part that was missing. */
    void openWaiting() {
        moves.openWaiting(set.present());
    }

    void close() {
        moves.stop();
        set.close();
        List<Leaving> leavings = new ArrayList<>();
        for (PluginSlot slot : set.present()) {
            slot.lock.lock();
            try {
                Leaving leaving = slot.leave(PluginSet.closed());
                if (leaving != null) {
                    leavings.add(leaving);
                }
            } finally {
                slot.lock.unlock();
            }
        }
        for (Leaving leaving : leavings) {
            leaving.close(CLOSE_BOUND);
        }
        calls.close();
        moves.close();
        state.close();
        events.close();
    }

    @Override
    public void overBudget(PluginSlot slot, BudgetWatch watch, String why) {
        moves.run(() -> upgrades.undo(slot, watch, why));
    }

    @Override
    public void broken(PluginSlot slot, LoadedPlugin plugin, String why) {
        moves.run(() -> moves.fail(slot, plugin, why));
    }

    PluginEvents events() {
        return events;
    }

    private void restore() {
        restore.read((record, image) -> new PluginSlot(record, image, true, common))
                .forEach(set::add);
        set.restored();
        openWaiting();
    }
}
