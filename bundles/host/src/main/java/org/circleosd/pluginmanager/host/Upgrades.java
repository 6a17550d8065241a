package org.circleosd.pluginmanager.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.StateStore;
import org.jspecify.annotations.Nullable;

/**
 * Changes what runs in a slot: other content, the content before, the same once more, none. What comes is opened beside
 * what runs, without the slot's lock; then it is made durable and switched to, under the lock; what ran is drained and
 * closed.
 */
final class Upgrades {

    private static final System.Logger LOG = System.getLogger(Upgrades.class.getName());

    private final PluginSet plugins;
    private final Preparation preparation;
    private final Opening opening;
    private final KeptState state;
    private final Duration drain;

    Upgrades(PluginSet plugins, Preparation preparation, Opening opening, KeptState state, Duration drain) {
        this.plugins = plugins;
        this.preparation = preparation;
        this.opening = opening;
        this.state = state;
        this.drain = drain;
    }

    /** Puts other content into a slot. */
    PluginInfo upgrade(PluginSlot slot, LoadRequest request) {
        return slot.changeAlone(() -> {
            Path path = request.path().toAbsolutePath().normalize();
            PluginImage image = preparation.images.take(path);
            PluginSlot.@Nullable Previous running = running(slot);
            PluginSlot.@Nullable Previous before = slot.previous();
            try {
                ManifestSource source =
                        ManifestSource.read(path, request.manifest().map(Path::toAbsolutePath));
                PluginManifest manifest = preparation.parse(source);
                image = preparation.linking.link(image, manifest, source);
                PluginRecord old = slot.record();
                PluginRecord record = PluginRecord.of(slot.id, image, old.loadedAt(), source, manifest)
                        .withEnabled(old.enabled());
                PluginContent content = preparation.check(record, image, manifest);
                replace(slot, content, running == null ? before : running, PluginEvent.Kind.UPGRADED, "");
            } catch (RuntimeException e) {
                preparation.images.drop(image);
                throw e;
            }
            if (running != null && before != null) {
                preparation.images.drop(before.image());
            }
            LOG.log(System.Logger.Level.INFO, "upgraded plugin {0} to {1}", slot.id, path);
            return slot.info();
        });
    }

    /** Returns to the content before the last upgrade. */
    PluginInfo rollback(PluginSlot slot) {
        return slot.changeAlone(() -> rollback(slot, ""));
    }

    /** Opens the same content once more. */
    PluginInfo reload(PluginSlot slot) {
        return slot.changeAlone(() -> {
            if (slot.state() == PluginState.DISABLED) {
                throw new PluginException(
                        ErrorCode.PLUGIN_FAILED, "plugin '" + slot.id + "' is disabled; bring it back with enable");
            }
            open(slot, PluginEvent.Kind.RELOADED);
            LOG.log(System.Logger.Level.INFO, "reloaded plugin {0}", slot.id);
            return slot.info();
        });
    }

    /** Brings a plugin back that is disabled or failed. */
    PluginInfo enable(PluginSlot slot) {
        return slot.changeAlone(() -> {
            PluginState shown = slot.info().state();
            if (shown == PluginState.DISABLED || shown == PluginState.FAILED) {
                open(slot, PluginEvent.Kind.ACTIVE);
                LOG.log(System.Logger.Level.INFO, "enabled plugin {0}", slot.id);
            }
            return slot.info();
        });
    }

    /** Takes a plugin out of service. */
    PluginInfo disable(PluginSlot slot) {
        return slot.changeAlone(() -> {
            Leaving leaving = null;
            slot.lock.lock();
            try {
                plugins.checkPresent(slot);
                if (slot.record().enabled()) {
                    PluginRecord next = slot.record().withEnabled(false);
                    state.run(store -> store.commit(List.of(next.in(PluginRecord.BUCKET))));
                    leaving = slot.disable(next, PluginSlot.DISABLED);
                    slot.events().happened(PluginEvent.Kind.DISABLED, "");
                }
            } finally {
                slot.lock.unlock();
            }
            if (leaving != null) {
                leaving.close(drain);
            }
            return slot.info();
        });
    }

    private PluginInfo rollback(PluginSlot slot, String why) {
        PluginSlot.Previous previous = slot.previous();
        if (previous == null) {
            throw new PluginException(
                    ErrorCode.BAD_REQUEST, "plugin '" + slot.id + "' was not upgraded; there is nothing to return to");
        }
        PluginRecord record = previous.record().withEnabled(slot.record().enabled());
        PluginContent content = preparation.check(record, previous.image(), preparation.parse(record.source()));
        replace(slot, content, running(slot), PluginEvent.Kind.ROLLED_BACK, why);
        LOG.log(System.Logger.Level.INFO, "rolled plugin {0} back to {1}", slot.id, record.path());
        return slot.info();
    }

    /**
     * Puts content into a slot.
     *
     * @param previous what a rollback returns to from then on
     */
    private void replace(
            PluginSlot slot,
            PluginContent next,
            PluginSlot.@Nullable Previous previous,
            PluginEvent.Kind kind,
            String why) {
        SlotContext context = slot.contextOfNew(next);
        Runtimes.Opened opened = opening.open(next, context);
        @Nullable Leaving leaving = null;
        boolean isUsed = false;
        slot.lock.lock();
        try {
            plugins.checkPresent(slot);
            context.values().take(List.of(next.record().in(PluginRecord.BUCKET), change(slot, previous)));
            slot.previous(previous);
            if (slot.state() == PluginState.DISABLED) {
                slot.hold(next);
                slot.events().happened(kind, why);
            } else {
                isUsed = true;
                leaving = slot.use(next, opened, kind, why);
            }
        } catch (RuntimeException e) {
            context.values().refuse();
            throw e;
        } finally {
            slot.lock.unlock();
            if (!isUsed) {
                opened.plugin().close();
            }
        }
        opening.leaveIfGone(slot, opened);
        if (leaving != null) {
            leaving.close(drain);
        }
    }

    /** Returns what runs, to return to it; null if its image is missing. */
    private static PluginSlot.@Nullable Previous running(PluginSlot slot) {
        PluginImage image = slot.image();
        return image == null ? null : new PluginSlot.Previous(slot.record(), image);
    }

    private static StateStore.Change change(PluginSlot slot, PluginSlot.@Nullable Previous previous) {
        return previous == null
                ? PluginRecord.noPrevious(slot.id)
                : previous.record().in(PluginRecord.PREVIOUS);
    }

    /** Opens what the slot has once more. */
    private void open(PluginSlot slot, PluginEvent.Kind kind) {
        PluginImage held = slot.image();
        PluginRecord before = slot.record();
        PluginRecord record = before.withEnabled(true);
        PluginImage image = held == null ? preparation.linking.hold(record) : held;
        boolean isUsed = false;
        try {
            PluginContent content = preparation.check(record, image, preparation.parse(record.source()));
            SlotContext context = slot.contextOfNew(content);
            Runtimes.Opened opened = opening.open(content, context);
            @Nullable Leaving leaving;
            slot.lock.lock();
            try {
                plugins.checkPresent(slot);
                context.values().take(before.enabled() ? List.of() : List.of(record.in(PluginRecord.BUCKET)));
                isUsed = true;
                leaving = slot.use(content, opened, kind, "");
            } catch (RuntimeException e) {
                context.values().refuse();
                throw e;
            } finally {
                slot.lock.unlock();
                if (!isUsed) {
                    opened.plugin().close();
                }
            }
            opening.leaveIfGone(slot, opened);
            if (leaving != null) {
                leaving.close(drain);
            }
        } finally {
            if (!isUsed && held == null) {
                preparation.images.drop(image);
            }
        }
    }
}
