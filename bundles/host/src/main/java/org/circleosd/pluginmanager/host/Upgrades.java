package org.circleosd.pluginmanager.host;

import java.nio.file.Path;
import java.time.Clock;
import java.time.temporal.ChronoUnit;
import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.StateStore;
import org.jspecify.annotations.Nullable;

/** Puts other content into a slot, and returns to the content before. */
final class Upgrades {

    private static final System.Logger LOG = System.getLogger(Upgrades.class.getName());

    private final Preparation preparation;
    private final Takeover takeover;
    private final Clock clock;

    Upgrades(Preparation preparation, Takeover takeover, Clock clock) {
        this.preparation = preparation;
        this.takeover = takeover;
        this.clock = clock;
    }

    /** Puts other content into a slot, if nobody else changes it. */
    void upgrade(PluginSlot slot, LoadRequest request, boolean force) {
        slot.changeAlone(() -> {
            Path path = request.path().toAbsolutePath().normalize();
            PluginImage image = preparation.images.take(path);
            SlotStatus before = slot.status();
            PluginImage unneeded;
            try {
                ManifestSource source =
                        ManifestSource.read(path, request.manifest().map(Path::toAbsolutePath));
                PluginManifest manifest = preparation.parse(source);
                image = preparation.linking.link(image, manifest, source);
                PluginRecord record = PluginRecord.of(
                                slot.id, image, before.record().loadedAt(), source, manifest)
                        .withEnabled(before.record().enabled())
                        .withUpgrade(clock.instant().truncatedTo(ChronoUnit.MILLIS));
                unneeded = replace(slot, before, preparation.check(record, image, manifest), force);
            } catch (RuntimeException e) {
                preparation.images.giveUp(image, e);
                throw e;
            }
            if (unneeded != null) {
                preparation.images.drop(unneeded);
            }
            LOG.log(System.Logger.Level.INFO, "upgraded plugin {0} to {1}", slot.id, path);
        });
    }

    /** Returns to the content before the last upgrade, if nobody else changes the plugin. */
    void rollback(PluginSlot slot) {
        slot.changeAlone(() -> rollback(slot, ""));
    }

    /** Returns to the content before because of what the calls of an upgrade's content did, if that is still there. */
    void undo(PluginSlot slot, BudgetWatch watch, String why) {
        LOG.log(System.Logger.Level.WARNING, "plugin {0} is rolled back: {1}", slot.id, why);
        try {
            slot.changeNext(() -> {
                if (slot.watch() == watch) {
                    rollback(slot, why);
                }
            });
        } catch (PluginException e) {
            LOG.log(System.Logger.Level.WARNING, "plugin {0} cannot be rolled back: {1}", slot.id, e.getMessage());
        }
    }

    /** Takes the new content; returns the image that nobody needs any more. */
    private @Nullable PluginImage replace(PluginSlot slot, SlotStatus before, PluginContent next, boolean force) {
        SlotStatus.Previous running = before.asPrevious();
        SlotStatus.Previous older = before.previous();
        PluginImage unneeded = null;
        SlotStatus.Previous previous = older;
        if (running != null && before.record().hasContentOf(next.record())) {
            // Nothing new came, so what a rollback is for is still the content before that.
            unneeded = running.image();
        } else if (running != null) {
            unneeded = older == null ? null : older.image();
            previous = running;
        }
        BudgetWatch watch = previous == null
                ? null
                : next.errorBudget()
                        .map(budget -> new BudgetWatch(budget, budget.time().toNanos(), System::nanoTime))
                        .orElse(null);
        takeover.run(
                slot,
                next,
                previous,
                new Takeover.Terms(PluginEvent.Kind.UPGRADED, "", force, false, watch, changes(next, previous)));
        return unneeded;
    }

    private void rollback(PluginSlot slot, String why) {
        SlotStatus before = slot.status();
        SlotStatus.Previous back = before.previous();
        if (back == null) {
            throw new PluginException(
                    ErrorCode.BAD_REQUEST, "plugin '" + slot.id + "' was not upgraded; there is nothing to return to");
        }
        PluginRecord record =
                back.record().withEnabled(before.record().enabled()).withUpgrade(null);
        PluginContent next = preparation.check(record, back.image(), preparation.parse(record.source()));
        SlotStatus.Previous previous = before.asPrevious();
        takeover.run(
                slot,
                next,
                previous,
                new Takeover.Terms(PluginEvent.Kind.ROLLED_BACK, why, true, false, null, changes(next, previous)));
        LOG.log(System.Logger.Level.INFO, "rolled plugin {0} back to {1}", slot.id, record.path());
    }

    private static List<StateStore.Change> changes(PluginContent next, SlotStatus.@Nullable Previous previous) {
        return List.of(
                next.record().in(PluginRecord.BUCKET),
                previous == null
                        ? PluginRecord.noPrevious(next.record().id())
                        : previous.record().in(PluginRecord.PREVIOUS));
    }
}
