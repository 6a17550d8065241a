package org.circleosd.pluginmanager.host;

import java.nio.file.Path;
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

    Upgrades(Preparation preparation, Takeover takeover) {
        this.preparation = preparation;
        this.takeover = takeover;
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
                        .withEnabled(before.record().enabled());
                unneeded = replace(slot, before, preparation.check(record, image, manifest), force);
            } catch (RuntimeException e) {
                preparation.images.drop(image);
                throw e;
            }
            if (unneeded != null) {
                preparation.images.drop(unneeded);
            }
            LOG.log(System.Logger.Level.INFO, "upgraded plugin {0} to {1}", slot.id, path);
            return true;
        });
    }

    /** Returns to the content before the last upgrade, if nobody else changes the plugin. */
    void rollback(PluginSlot slot) {
        slot.changeAlone(() -> {
            rollback(slot, "");
            return true;
        });
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
        takeover.run(slot, next, previous, terms(next, previous, PluginEvent.Kind.UPGRADED, "", force));
        return unneeded;
    }

    private void rollback(PluginSlot slot, String why) {
        SlotStatus before = slot.status();
        SlotStatus.Previous back = before.previous();
        if (back == null) {
            throw new PluginException(
                    ErrorCode.BAD_REQUEST, "plugin '" + slot.id + "' was not upgraded; there is nothing to return to");
        }
        PluginRecord record = back.record().withEnabled(before.record().enabled());
        PluginContent next = preparation.check(record, back.image(), preparation.parse(record.source()));
        SlotStatus.Previous previous = before.asPrevious();
        takeover.run(slot, next, previous, terms(next, previous, PluginEvent.Kind.ROLLED_BACK, why, true));
        LOG.log(System.Logger.Level.INFO, "rolled plugin {0} back to {1}", slot.id, record.path());
    }

    private static Takeover.Terms terms(
            PluginContent next,
            SlotStatus.@Nullable Previous previous,
            PluginEvent.Kind kind,
            String why,
            boolean force) {
        List<StateStore.Change> changes = List.of(
                next.record().in(PluginRecord.BUCKET),
                previous == null
                        ? PluginRecord.noPrevious(next.record().id())
                        : previous.record().in(PluginRecord.PREVIOUS));
        return new Takeover.Terms(kind, why, force, false, changes);
    }
}
