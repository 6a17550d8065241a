package org.circleosd.pluginmanager.api.runtime;

import java.util.Optional;
import org.circleosd.pluginmanager.api.PluginEvent;
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
     * Makes an event of something that only the runtime sees: {@link PluginEvent.Kind#CRASHED} or
     * {@link PluginEvent.Kind#FAILED}.
     *
     * @param reason for people
     */
    void report(PluginEvent.Kind kind, String reason);
}
