package org.circleosd.pluginmanager.host;

import java.time.Duration;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;

/** An opened plugin that took its last new call, and the calls that are left on it. */
record Leaving(PluginId id, LoadedPlugin plugin, ServiceGate.Drain calls) {

    private static final System.Logger LOG = System.getLogger(Leaving.class.getName());

    /** Waits, bounded, until the calls have ended, and closes the plugin. */
    void close(Duration drain) {
        int left = calls.await(drain);
        if (left > 0) {
            LOG.log(System.Logger.Level.WARNING, "plugin {0} is closed under {1} calls that did not end", id, left);
        }
        plugin.close();
    }
}
