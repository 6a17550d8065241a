package org.circleosd.pluginmanager.protocol;

import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.action.Action;
import org.circleosd.pluginmanager.api.action.ActionRequest;
import org.circleosd.pluginmanager.api.action.ActionResult;

/** Unloads a plugin. */
record UnloadAction(ServiceGate<PluginHost> host) implements Action {

    static final String NAME = "unload";

    @Override
    public ActionResult perform(ActionRequest request) {
        PluginId id = Ids.loaded(request);
        boolean force = request.flag("force");
        return host.call(running -> {
            running.unload(id, force);
            return new ActionResult("unloaded", null);
        });
    }
}
