package org.circleosd.pluginmanager.host;

import java.util.Optional;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.api.runtime.PluginLog;

/** What the host is to one opened content of a slot. */
record SlotContext(PluginSlot slot, PluginContent content, OpenedValues values, PluginCalls calls)
        implements PluginContext {

    private static final System.Logger LOG = System.getLogger(SlotContext.class.getName());

    @Override
    public PluginId id() {
        return slot.id;
    }

    @Override
    public Optional<String> signer() {
        return content.signer();
    }

    @Override
    public PluginLog log() {
        return slot.log;
    }

    @Override
    public byte[] call(PluginId plugin, String function, byte[] payload) {
        return calls.call(slot.id, content, plugin, function, payload);
    }

    @Override
    public void report(PluginEvent.Kind kind, String reason) {
        if (kind != PluginEvent.Kind.CRASHED && kind != PluginEvent.Kind.FAILED) {
            throw new IllegalArgumentException("a runtime reports crashed or failed, and not " + kind.wireName());
        }
        if (values.isTaken()) {
            slot.events().happened(kind, reason);
        } else {
            // It has never been the plugin of this id; whoever loads it gets the failure.
            LOG.log(
                    System.Logger.Level.WARNING,
                    "plugin {0} {1} while it was being loaded: {2}",
                    slot.id,
                    kind.wireName(),
                    LogRing.clean(reason));
        }
    }
}
