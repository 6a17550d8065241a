package org.circleosd.pluginmanager.host;

import java.time.Duration;
import java.util.List;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginState;

/** Takes the plugin of a slot out of service and brings it back, or opens it once more. */
final class Switches {

    private static final System.Logger LOG = System.getLogger(Switches.class.getName());

    private final PluginSet plugins;
    private final Preparation preparation;
    private final Takeover takeover;
    private final ChangeRules rules;
    private final Duration drain;

    Switches(PluginSet plugins, Preparation preparation, Takeover takeover, ChangeRules rules, Duration drain) {
        this.plugins = plugins;
        this.preparation = preparation;
        this.takeover = takeover;
        this.rules = rules;
        this.drain = drain;
    }

    /** Opens the same content once more, if nobody else changes the plugin. */
    void reload(PluginSlot slot) {
        slot.changeAlone(() -> {
            if (slot.status().state() == PluginState.DISABLED) {
                throw new PluginException(
                        ErrorCode.PLUGIN_FAILED, "plugin '" + slot.id + "' is disabled; bring it back with enable");
            }
            open(slot, PluginEvent.Kind.RELOADED);
            LOG.log(System.Logger.Level.INFO, "reloaded plugin {0}", slot.id);
        });
    }

    /** Brings a plugin back that is disabled or failed, if nobody else changes it. */
    void enable(PluginSlot slot) {
        slot.changeAlone(() -> {
            SlotStatus now = slot.status();
            if (now.state() == PluginState.DISABLED
                    || now.state() == PluginState.FAILED
                    || now.lateFailure().isPresent()) {
                open(slot, PluginEvent.Kind.ACTIVE);
                LOG.log(System.Logger.Level.INFO, "enabled plugin {0}", slot.id);
            }
        });
    }

    /** Takes a plugin out of service, if nobody else changes it. */
    void disable(PluginSlot slot) {
        slot.changeAlone(() -> {
            Leaving leaving;
            slot.lock.lock();
            try {
                plugins.checkPresent(slot);
                PluginRecord record = slot.status().record();
                if (!record.enabled()) {
                    return;
                }
                rules.checkLeave(slot.id, false);
                PluginRecord next = record.withEnabled(false);
                slot.values().state().run(store -> store.commit(List.of(next.in(PluginRecord.BUCKET))));
                slot.keep(slot.status().with(next));
                leaving = slot.disable(PluginSlot.DISABLED);
                slot.events().happened(PluginEvent.Kind.DISABLED, "");
            } finally {
                slot.lock.unlock();
            }
            if (leaving != null) {
                leaving.close(drain);
            }
            LOG.log(System.Logger.Level.INFO, "disabled plugin {0}", slot.id);
        });
    }

    /** Opens what the slot has, beside what runs. */
    private void open(PluginSlot slot, PluginEvent.Kind kind) {
        SlotStatus before = slot.status();
        PluginRecord record = before.record().withEnabled(true);
        PluginImage held = before.image();
        // Somebody may have put a missing copy back.
        PluginImage image = held == null ? preparation.linking.hold(record) : held;
        try {
            PluginContent content = preparation.check(record, image, preparation.parse(record.source()));
            takeover.run(
                    slot,
                    content,
                    before.previous(),
                    new Takeover.Terms(
                            kind,
                            "",
                            true,
                            true,
                            slot.watch(),
                            before.record().enabled() ? List.of() : List.of(record.in(PluginRecord.BUCKET))));
        } catch (RuntimeException e) {
            if (held == null) {
                preparation.images.drop(image);
            }
            throw e;
        }
    }
}
