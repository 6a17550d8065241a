package org.circleosd.pluginmanager.host;

import java.util.LinkedHashSet;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.circleosd.pluginmanager.api.Capability;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginManifest;

/** Which plugins a plugin may call: those that it depends on and that it was granted. */
final class CallRights {

    private static final String KIND = "call";
    /** A list of ids, in which there is nothing to escape. */
    private static final Pattern ID = Pattern.compile("\"([a-z][a-z0-9-]{0,62})\"");

    private CallRights() {}

    /**
     * Refuses a manifest that asks to call what it does not depend on: it could be gone at any time, and plugins could
     * wait for each other in a circle.
     *
     * @throws PluginException {@link ErrorCode#MANIFEST_INVALID}
     */
    static void checkAsked(PluginManifest manifest) {
        for (Capability asked : manifest.capabilities()) {
            if (asked.kind().equals(KIND)) {
                for (PluginId plugin : ids(asked.request())) {
                    if (!manifest.dependencies().containsKey(plugin)) {
                        throw new PluginException(
                                ErrorCode.MANIFEST_INVALID,
                                "the manifest of '" + manifest.name() + "': /capabilities/call: '" + plugin
                                        + "', which is no dependency; expected \"dependencies\":{\"" + plugin
                                        + "\":\"0\"}, or a range of its versions, too");
                    }
                }
            }
        }
    }

    /**
     * Refuses a call that a plugin has no right to.
     *
     * @throws PluginException {@link ErrorCode#CAPABILITY_DENIED}
     */
    static void check(PluginId caller, PluginContent content, PluginId plugin) {
        if (!content.manifest().dependencies().containsKey(plugin)) {
            throw denied(caller, plugin, "its manifest does not name that among its dependencies");
        }
        for (CapabilityGrant grant : content.grants()) {
            if (grant.kind().equals(KIND) && ids(grant.scope()).contains(plugin)) {
                return;
            }
        }
        throw denied(
                caller,
                plugin,
                "its manifest has to ask for it (\"capabilities\":{\"call\":[\"" + plugin
                        + "\"]}) and the operator to grant it");
    }

    private static PluginException denied(PluginId caller, PluginId plugin, String why) {
        return new PluginException(
                ErrorCode.CAPABILITY_DENIED, "plugin '" + caller + "' may not call plugin '" + plugin + "': " + why);
    }

    private static Set<PluginId> ids(String list) {
        Set<PluginId> ids = new LinkedHashSet<>();
        Matcher matcher = ID.matcher(list);
        while (matcher.find()) {
            ids.add(new PluginId(matcher.group(1)));
        }
        return ids;
    }
}
