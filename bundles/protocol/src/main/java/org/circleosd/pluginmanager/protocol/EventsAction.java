package org.circleosd.pluginmanager.protocol;

import java.util.LinkedHashMap;
import java.util.Map;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.action.Action;
import org.circleosd.pluginmanager.api.action.ActionRequest;
import org.circleosd.pluginmanager.api.action.ActionResult;
import org.jspecify.annotations.Nullable;

/** Shows what happened to plugins and bundles. */
record EventsAction(ServiceGate<PluginHost> host) implements Action {

    static final String NAME = "events";

    @Override
    public ActionResult perform(ActionRequest request) {
        long after = request.optionalNumber("after").orElse(0);
        return new ActionResult(
                null,
                host.call(running -> running.events(after)).stream()
                        .map(EventsAction::row)
                        .toList());
    }

    private static Map<String, @Nullable Object> row(PluginEvent event) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("seq", event.sequence());
        row.put("time", Timestamps.format(event.time()));
        row.put("event", event.kind().wireName());
        PluginId plugin = event.plugin();
        if (plugin != null) {
            row.put("plugin", plugin.value());
        } else {
            row.put("bundle", event.bundle());
        }
        row.put("reason", event.reason());
        return row;
    }
}
