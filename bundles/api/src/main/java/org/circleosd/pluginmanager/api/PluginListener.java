package org.circleosd.pluginmanager.api;

import org.osgi.annotation.versioning.ConsumerType;

/** Hears what happens to plugins and to the bundles that serve them. Register it as a service; the host finds it. Thread-safe. */
@ConsumerType
public interface PluginListener {

    /** Takes an event, in the order of the sequence, on a thread of the host that others wait for: return soon. */
    void onEvent(PluginEvent event);
}
