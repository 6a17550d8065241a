package org.circleosd.pluginmanager.host;

import java.util.Optional;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.api.runtime.PluginLog;

/** What the host is to one opened content of a slot. */
record SlotContext(PluginId id, Optional<String> signer, PluginLog log, OpenedValues values) implements PluginContext {

    private static final System.Logger LOG = System.getLogger(SlotContext.class.getName());

    @Override
    public void report(PluginEvent.Kind kind, String reason) {
        LOG.log(System.Logger.Level.WARNING, "plugin {0} {1}: {2}", id, kind.wireName(), reason);
    }
}
