package org.circleosd.pluginmanager.trust;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.Sha256;

/**
 * What the operator gives to some plugins.
 *
 * @param name of the manifest; empty: any
 * @param sha256 digests of which the plugin file and all its linked modules must be; empty: any
 * @param folders by logical name
 * @param hosts that may be reached
 * @param variables of the environment, with the file and JSON pointer of each
 * @param store quota of the key-value store, in bytes; an empty quota is no limit, no quota is no store
 * @param plugins ids that may be called
 */
record GrantRule(
        Optional<Glob> name,
        Set<Sha256> sha256,
        Map<String, FolderGrant> folders,
        List<HostPattern> hosts,
        Map<String, Variable> variables,
        Optional<OptionalLong> store,
        Set<String> plugins) {

    /** A value and where it stands. */
    record Variable(String value, String place) {}

    boolean matches(String pluginName, PluginImage image) {
        return name.map(glob -> glob.matches(pluginName)).orElse(true)
                && (sha256.isEmpty()
                        || (sha256.contains(image.sha256())
                                && image.linked().values().stream()
                                        .allMatch(module -> sha256.contains(module.sha256()))));
    }
}
