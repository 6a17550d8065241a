package org.circleosd.pluginmanager.host;

import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.api.runtime.PluginLog;
import org.jspecify.annotations.Nullable;

/** What the host is to the plugin of one slot. */
record SlotContext(PluginId id, Optional<String> signer, PluginLog log) implements PluginContext, KeyValues {

    private static final System.Logger LOG = System.getLogger(SlotContext.class.getName());

    @Override
    public KeyValues values() {
        return this;
    }

    @Override
    public void report(PluginEvent.Kind kind, String reason) {
        LOG.log(System.Logger.Level.WARNING, "plugin {0} {1}: {2}", id, kind.wireName(), reason);
    }

    @Override
    public byte @Nullable [] get(String key) {
        throw new PluginException(ErrorCode.CAPABILITY_DENIED, "plugins keep no values in this version");
    }

    @Override
    public void put(String key, byte @Nullable [] value) {
        throw new PluginException(ErrorCode.CAPABILITY_DENIED, "plugins keep no values in this version");
    }
}
