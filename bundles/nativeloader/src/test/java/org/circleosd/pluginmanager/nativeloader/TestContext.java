package org.circleosd.pluginmanager.nativeloader;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.api.runtime.PluginLog;

/** The host as a plugin of a test sees it; values live in memory. */
record TestContext(PluginLog log, Map<String, byte[]> kept, Map<PluginEvent.Kind, String> reported)
        implements PluginContext, KeyValues {

    TestContext(PluginLog log) {
        this(log, new ConcurrentHashMap<>(), new ConcurrentHashMap<>());
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
        return kept.get(key);
    }

    @Override
    public void put(String key, byte[] value) {
        if (value == null) {
            kept.remove(key);
        } else {
            kept.put(key, value);
        }
    }

    @Override
    public void report(PluginEvent.Kind kind, String reason) {
        reported.put(kind, reason);
    }
}
