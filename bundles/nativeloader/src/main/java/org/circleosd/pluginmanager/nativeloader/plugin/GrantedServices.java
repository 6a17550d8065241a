package org.circleosd.pluginmanager.nativeloader.plugin;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.api.runtime.PluginLog;
import org.circleosd.pluginmanager.worker.abi.Abi;
import org.circleosd.pluginmanager.worker.abi.CallDeadlines;
import org.circleosd.pluginmanager.worker.abi.HostServices;
import org.circleosd.pluginmanager.worker.abi.Value;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.jspecify.annotations.Nullable;

/** What the daemon does for one native plugin, within its grants, wherever the plugin runs. Thread-safe. */
public final class GrantedServices implements HostServices {

    private static final String KEY_VALUES = "kv";

    private final PluginLog log;
    private final Map<String, String> config;
    private final @Nullable KeyValues values;
    private final CallDeadlines deadlines = new CallDeadlines();

    /**
     * Serves a plugin.
     *
     * @param config of its manifest
     * @param grants those of them that are for others than a native plugin are not looked at
     */
    public GrantedServices(PluginContext context, Map<String, String> config, List<CapabilityGrant> grants) {
        this.log = context.log();
        this.config = config;
        this.values = grants.stream().anyMatch(grant -> grant.kind().equals(KEY_VALUES)) ? context.values() : null;
    }

    /** Returns the deadlines of the plugin's calls, to be filled by who calls it in this process. */
    public CallDeadlines deadlines() {
        return deadlines;
    }

    @Override
    public void log(int level, byte[] text) {
        String line = "[" + levelName(level) + "] " + new String(text, StandardCharsets.UTF_8);
        log.append(text.length < Frame.MAX_LOG_BYTES ? line : line + " [truncated]");
    }

    @Override
    public Value config(String key) {
        String value = config.get(key);
        return value == null ? Value.none(Abi.NOT_FOUND) : new Value(Abi.OK, value.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public Value get(String key) {
        KeyValues granted = values;
        if (granted == null) {
            return Value.none(Abi.DENIED);
        }
        try {
            byte[] value = granted.get(key);
            return value == null ? Value.none(Abi.NOT_FOUND) : new Value(Abi.OK, value);
        } catch (PluginException e) {
            return Value.none(code("kv_get", e));
        }
    }

    @Override
    public int put(String key, byte @Nullable [] value) {
        KeyValues granted = values;
        if (granted == null) {
            return Abi.DENIED;
        }
        try {
            granted.put(key, value);
            return Abi.OK;
        } catch (PluginException e) {
            return code("kv_put", e);
        }
    }

    @Override
    public boolean isCallLate() {
        return deadlines.isLate();
    }

    /** A code says little; the reason goes to the plugin's log, where its author looks. */
    private int code(String function, PluginException failure) {
        log.append("[warn] " + function + ": " + failure.getMessage());
        return switch (failure.code()) {
            case BAD_REQUEST -> Abi.BAD_ARGUMENT;
            case TOO_LARGE, LIMIT_EXCEEDED -> Abi.NO_MEMORY;
            case PLUGIN_NOT_FOUND -> Abi.DENIED;
            default -> Abi.FAIL;
        };
    }

    private static String levelName(int level) {
        return switch (level) {
            case 0 -> "error";
            case 1 -> "warn";
            case 2 -> "info";
            case 3 -> "debug";
            default -> "level " + level;
        };
    }
}
