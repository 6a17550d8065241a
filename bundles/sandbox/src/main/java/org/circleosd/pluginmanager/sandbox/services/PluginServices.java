package org.circleosd.pluginmanager.sandbox.services;

import java.util.List;
import java.util.function.BooleanSupplier;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.circleosd.pluginmanager.api.runtime.PluginLog;
import org.jspecify.annotations.Nullable;

/** What the host does for the guests of one plugin, within its grants. Thread-safe. */
public final class PluginServices {

    /** Longest value that is taken from a guest or handed to it, in bytes. */
    static final int MAX_VALUE_BYTES = 16 << 20;

    private final @Nullable KeyValues values;
    private final Calls calls;
    private final BooleanSupplier isClosed;
    private final PluginLog log;
    private final int payloadBytes;

    private PluginServices(
            @Nullable KeyValues values, Calls calls, BooleanSupplier isClosed, PluginLog log, int payloadBytes) {
        this.values = values;
        this.calls = calls;
        this.isClosed = isClosed;
        this.log = log;
        this.payloadBytes = payloadBytes;
    }

    /**
     * Serves a plugin.
     *
     * @param limits what bounds its answers bounds what it sends to other plugins too
     */
    public static PluginServices of(PluginContext context, List<CapabilityGrant> grants, InvocationLimits limits) {
        boolean granted = grants.stream().anyMatch(grant -> grant.kind().equals("kv"));
        return new PluginServices(
                granted ? context.values() : null, context::call, () -> false, context.log(), limits.outputBytes());
    }

    /**
     * Serves calls that the host makes by itself: what they put is forgotten with their guests.
     *
     * @param isOver says when they may call no other plugin any more
     */
    public PluginServices rehearsing(BooleanSupplier isOver) {
        return new PluginServices(
                values == null ? null : new ScratchValues(values, MAX_VALUE_BYTES), calls, isOver, log, payloadBytes);
    }

    /** Returns the values that the plugin keeps; null if that was not granted. */
    public @Nullable KeyValues values() {
        return values;
    }

    /** Makes what one guest sees. */
    public ServiceGuest newGuest() {
        return new ServiceGuest(this);
    }

    /** Ends the guest's call if it may call no other plugin. */
    void checkMayCall() {
        if (isClosed.getAsBoolean()) {
            throw new PluginException(
                    ErrorCode.PLUGIN_ERROR, "a warm-up must change nothing: it calls no other plugin");
        }
    }

    byte[] call(PluginId plugin, String function, byte[] payload) {
        return calls.call(plugin, function, payload);
    }

    PluginLog log() {
        return log;
    }

    int payloadBytes() {
        return payloadBytes;
    }

    /** Calls of other plugins, see {@link PluginContext#call}. */
    @FunctionalInterface
    private interface Calls {
        byte[] call(PluginId plugin, String function, byte[] payload);
    }
}
