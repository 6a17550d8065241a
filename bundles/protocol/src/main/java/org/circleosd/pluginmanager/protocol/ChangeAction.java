package org.circleosd.pluginmanager.protocol;

import java.util.LinkedHashMap;
import java.util.Map;
import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.action.Action;
import org.circleosd.pluginmanager.api.action.ActionRequest;
import org.circleosd.pluginmanager.api.action.ActionResult;
import org.jspecify.annotations.Nullable;

/**
 * Changes a loaded plugin, where its id says all that is needed.
 *
 * @param done the message when it is done
 */
record ChangeAction(ServiceGate<PluginHost> host, String done, Change change) implements Action {

    /** What is done to the plugin. */
    @FunctionalInterface
    interface Change {

        PluginInfo apply(PluginHost host, PluginId id);
    }

    @Override
    public ActionResult perform(ActionRequest request) {
        PluginId id = Ids.loaded(request);
        return new ActionResult(done, shown(host.call(running -> change.apply(running, id))));
    }

    /** Returns what became of the plugin. */
    static Map<String, @Nullable Object> shown(PluginInfo plugin) {
        Map<String, @Nullable Object> data = new LinkedHashMap<>();
        data.put("id", plugin.id().value());
        data.put("version", plugin.version());
        data.put("state", plugin.state().wireName());
        return data;
    }
}
