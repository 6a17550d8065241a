package org.circleosd.pluginmanager.api.runtime;

import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.osgi.annotation.versioning.ProviderType;

/** What the host is to one plugin. Thread-safe; lives as long as the plugin is loaded, on whatever runtime. */
@ProviderType
public interface PluginContext {

    /** Returns the id under which the plugin is loaded. */
    PluginId id();

    /** Returns who signed the plugin; empty if nobody did. */
    Optional<String> signer();

    /** Returns what takes the plugin's log. */
    PluginLog log();

    /** Returns the values that the plugin keeps. */
    KeyValues values();

    /**
     * Calls a function of another plugin, one that this plugin's manifest names among its dependencies and that it was
     * granted to {@code call}. For the thread of one of this plugin's own calls: when it is interrupted, the other
     * plugin's call is cancelled. The other plugin's limits hold too; while it is being replaced, the call waits as any
     * client's.
     *
     * @param payload handed to the function; not changed by anyone while the call runs
     * @return the result's bytes
     * @throws PluginException {@link ErrorCode#CAPABILITY_DENIED} if the plugin is no dependency or the capability was not
     *     granted, {@link ErrorCode#LIMIT_EXCEEDED} if it is the ninth call within each other,
     *     {@link ErrorCode#CANCELLED} if the thread was interrupted, whose flag is set again then, or what the other
     *     plugin's call fails with
     */
    byte[] call(PluginId plugin, String function, byte[] payload);

    /**
     * Makes an event of something that only the runtime sees: {@link PluginEvent.Kind#CRASHED} or
     * {@link PluginEvent.Kind#FAILED}.
     *
     * @param reason for people
     */
    void report(PluginEvent.Kind kind, String reason);
}
