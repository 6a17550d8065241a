package org.circleosd.pluginmanager.nativeloader;

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
import org.jspecify.annotations.Nullable;

/** The host as a plugin of a test sees it; values live in memory. */
public record TestContext(
        PluginLog log,
        Map<String, byte[]> kept,
        Map<PluginEvent.Kind, String> reported,
        @Nullable ErrorCode refusal) implements PluginContext, KeyValues {

    public TestContext(PluginLog log) {
        this(log, new ConcurrentHashMap<>(), new ConcurrentHashMap<>(), null);
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
    public byte @Nullable [] get(String key) {
        refuse();
        return kept.get(key);
    }

    @Override
    public void put(String key, byte @Nullable [] value) {
        refuse();
        if (value == null) {
            kept.remove(key);
        } else {
            kept.put(key, value);
        }
    }

    @Override
    public byte[] call(PluginId plugin, String function, byte[] payload) {
        throw new PluginException(ErrorCode.CAPABILITY_DENIED, "native plugins call no others");
    }

    @Override
    public void report(PluginEvent.Kind kind, String reason) {
        reported.put(kind, reason);
    }

    private void refuse() {
        if (refusal != null) {
            throw new PluginException(refusal, "on purpose");
        }
    }
}
