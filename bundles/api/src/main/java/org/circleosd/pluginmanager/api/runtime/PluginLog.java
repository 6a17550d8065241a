package org.circleosd.pluginmanager.api.runtime;

import org.osgi.annotation.versioning.ProviderType;

/** Takes what a plugin prints. Thread-safe, never blocks, bounded: old lines go. */
@ProviderType
public interface PluginLog {

    /** Adds text; line ends split it. Control characters are shown escaped. */
    void append(String text);
}
