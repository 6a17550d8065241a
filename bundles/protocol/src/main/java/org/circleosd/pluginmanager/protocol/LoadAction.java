package org.circleosd.pluginmanager.protocol;

import java.util.Map;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.action.Action;
import org.circleosd.pluginmanager.api.action.ActionRequest;
import org.circleosd.pluginmanager.api.action.ActionResult;

/** Loads a plugin file. */
record LoadAction(ServiceGate<PluginHost> host) implements Action {

    static final String NAME = "load";

    @Override
    public ActionResult perform(ActionRequest request) {
        LoadRequest load =
                FilePaths.request(request, request.optionalString("as").map(LoadAction::id));
        PluginInfo plugin = host.call(running -> running.load(load));
        return new ActionResult("loaded", Map.of("id", plugin.id().value()));
    }

    private static PluginId id(String as) {
        if (!PluginId.isValid(as)) {
            throw new PluginException(
                    ErrorCode.BAD_REQUEST, "member 'as' is " + VisibleText.quoted(as) + "; expected " + Ids.SYNTAX);
        }
        return new PluginId(as);
    }
}
