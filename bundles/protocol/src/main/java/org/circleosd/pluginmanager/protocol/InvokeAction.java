package org.circleosd.pluginmanager.protocol;

import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.action.Action;
import org.circleosd.pluginmanager.api.action.ActionRequest;
import org.circleosd.pluginmanager.api.action.ActionResult;

/** Calls a function of a plugin. */
record InvokeAction(ServiceGate<PluginHost> host) implements Action {

    static final String NAME = "invoke";

    @Override
    public ActionResult perform(ActionRequest request) {
        PluginId id = Ids.loaded(request);
        Invocation call = new Invocation(Ids.function(request), request.bytes("payload"), request.caller());
        return new ActionResult(null, new InvokeResult(host.call(running -> running.invoke(id, call))));
    }
}
