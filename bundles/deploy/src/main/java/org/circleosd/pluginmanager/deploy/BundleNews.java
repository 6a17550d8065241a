package org.circleosd.pluginmanager.deploy;

import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.ServiceGate;

/** Tells the host what became of a bundle; the host makes an event of it. */
final class BundleNews {

    private static final System.Logger LOG = System.getLogger(BundleNews.class.getName());

    private final ServiceGate<PluginHost> host;

    BundleNews(ServiceGate<PluginHost> host) {
        this.host = host;
    }

    /** Tells that another version of a bundle runs. */
    void upgraded(String bundle, String to) {
        tell(bundle, PluginEvent.Kind.UPGRADED, to);
    }

    /** Tells that the version before runs again. */
    void rolledBack(String bundle, String why) {
        tell(bundle, PluginEvent.Kind.ROLLED_BACK, why);
    }

    private void tell(String bundle, PluginEvent.Kind kind, String reason) {
        try {
            host.call(running -> {
                running.bundleChanged(bundle, kind, reason);
                return true;
            });
        } catch (PluginException e) {
            // The bundle is what it is; only the list of events lacks a line, which the log has.
            LOG.log(
                    System.Logger.Level.WARNING,
                    "there is no event for bundle {0} ({1}): {2}",
                    bundle,
                    kind.wireName(),
                    e.getMessage());
        }
    }
}
