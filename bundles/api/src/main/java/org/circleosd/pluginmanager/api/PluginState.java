package org.circleosd.pluginmanager.api;

import java.util.Locale;

/** Where a plugin is in its life. The wire form is the lower-case name. */
public enum PluginState {
    /** Being prepared; calls wait for it. */
    LOADING,
    /** Takes calls. */
    ACTIVE,
    /** Its runtime is being replaced; calls wait for it. */
    SUSPENDED,
    /** Takes no new calls; those in flight end. */
    DRAINING,
    /** Kept, and out of service until somebody enables it; {@link PluginInfo#reason} says why. */
    DISABLED,
    /** Out of service; {@link PluginInfo#reason} says why. */
    FAILED;

    /** Returns the state as clients see it. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }
}
