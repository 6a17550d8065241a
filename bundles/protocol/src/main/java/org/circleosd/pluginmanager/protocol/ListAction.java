package org.circleosd.pluginmanager.protocol;

import java.util.LinkedHashMap;
import java.util.Map;
import org.circleosd.pluginmanager.api.EngineStatus;
import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.action.Action;
import org.circleosd.pluginmanager.api.action.ActionRequest;
import org.circleosd.pluginmanager.api.action.ActionResult;
import org.jspecify.annotations.Nullable;

/** Shows the loaded plugins. */
record ListAction(ServiceGate<PluginHost> host) implements Action {

    static final String NAME = "list";

    @Override
    public ActionResult perform(ActionRequest request) {
        return new ActionResult(
                null, host.call(PluginHost::list).stream().map(ListAction::row).toList());
    }

    private static Map<String, @Nullable Object> row(PluginInfo plugin) {
        Map<String, @Nullable Object> row = new LinkedHashMap<>();
        row.put("id", plugin.id().value());
        row.put("name", plugin.name());
        row.put("version", plugin.version());
        if (plugin.previous() != null) {
            row.put("previous", plugin.previous());
        }
        row.put("description", plugin.description());
        row.put("type", plugin.type().wireName());
        row.put("state", plugin.state().wireName());
        if (plugin.reason() != null) {
            row.put("reason", plugin.reason());
        }
        row.put("path", plugin.path());
        row.put("sha256", plugin.sha256().hex());
        row.put("abi", plugin.abi());
        row.put("functions", plugin.functions());
        row.put("signer", plugin.signer());
        row.put("isolation", plugin.isolation());
        if (!plugin.unenforced().isEmpty()) {
            row.put("unenforced", plugin.unenforced());
        }
        row.put("loaded_at", Timestamps.format(plugin.loadedAt()));
        row.put("engine", engine(plugin.engine()));
        return row;
    }

    private static @Nullable Map<String, @Nullable Object> engine(@Nullable EngineStatus engine) {
        if (engine == null) {
            return null;
        }
        Map<String, @Nullable Object> members = new LinkedHashMap<>();
        members.put("name", engine.engine());
        members.put("mode", engine.mode().wireName());
        members.put("compiled", engine.compiled());
        members.put("of", engine.of());
        return members;
    }
}
