package org.circleosd.pluginmanager.sandbox;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.api.runtime.PluginLog;

/** The host as a plugin of a test sees it; values live in memory. */
record TestContext(
        PluginLog log,
        Map<String, byte[]> kept,
        Map<PluginEvent.Kind, String> reported,
        OtherPlugins others,
        Optional<ErrorCode> refusal)
        implements PluginContext, KeyValues {

    TestContext(PluginLog log) {
        this(log, (plugin, function, payload) -> {
            throw new PluginException(ErrorCode.PLUGIN_NOT_FOUND, "there is no plugin '" + plugin + "'");
        });
    }

    TestContext(PluginLog log, OtherPlugins others) {
        this(log, new ConcurrentHashMap<>(), new ConcurrentHashMap<>(), others, Optional.empty());
    }

    /** Returns a context whose values can be neither read nor put. */
    TestContext refusing(ErrorCode code) {
        return new TestContext(log, kept, reported, others, Optional.of(code));
    }

    @Override
    public PluginId id() {
        return new PluginId("test");
    }

    @Override
    public Optional<String> signer() {
        return Optional.empty();
    }

    @Override
    public KeyValues values() {
        return this;
    }

    @Override
    public byte[] get(String key) {
        refuse();
        return kept.get(key);
    }

    @Override
    public void put(String key, byte[] value) {
        refuse();
        if (value == null) {
            kept.remove(key);
        } else {
            kept.put(key, value);
        }
    }

    @Override
    public byte[] call(PluginId plugin, String function, byte[] payload) {
        return others.call(plugin, function, payload);
    }

    @Override
    public void report(PluginEvent.Kind kind, String reason) {
        reported.put(kind, reason);
    }

    private void refuse() {
        if (refusal.isPresent()) {
            throw new PluginException(refusal.get(), "on purpose");
        }
    }

    /** What other plugins answer. */
    @FunctionalInterface
    interface OtherPlugins {
        byte[] call(PluginId plugin, String function, byte[] payload);
    }
}
