package org.circleosd.pluginmanager.protocol;

import java.util.Optional;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.action.Action;
import org.circleosd.pluginmanager.api.action.ActionRequest;
import org.circleosd.pluginmanager.api.action.ActionResult;

/** Puts another file under the id of a loaded plugin. */
record UpgradeAction(ServiceGate<PluginHost> host) implements Action {

    static final String NAME = "upgrade";

    @Override
    public ActionResult perform(ActionRequest request) {
        PluginId id = Ids.loaded(request);
        LoadRequest content = FilePaths.request(request, Optional.empty());
        boolean force = request.flag("force");
        return new ActionResult(
                "upgraded", ChangeAction.shown(host.call(running -> running.upgrade(id, content, force))));
    }
}
