package org.circleosd.pluginmanager.protocol;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
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

    /** Longer than any path that Linux takes. */
    private static final int MAX_PATH_CHARS = 4096;

    @Override
    public ActionResult perform(ActionRequest request) {
        String path = request.string("path");
        Optional<String> manifest = request.optionalString("manifest");
        Optional<PluginId> as = request.optionalString("as").map(LoadAction::id);
        LoadRequest load = new LoadRequest(path("path", path), manifest.map(text -> path("manifest", text)), as);
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

    private static Path path(String member, String text) {
        if (text.isEmpty()) {
            throw new PluginException(
                    ErrorCode.PATH_INVALID, "member '" + member + "' is empty; expected the path of a file");
        }
        if (text.length() > MAX_PATH_CHARS) {
            throw new PluginException(
                    ErrorCode.PATH_INVALID,
                    "member '" + member + "' has " + text.length() + " characters; a path has at most "
                            + MAX_PATH_CHARS);
        }
        if (text.chars().anyMatch(Character::isISOControl)) {
            throw new PluginException(
                    ErrorCode.PATH_INVALID,
                    "member '" + member + "' is " + VisibleText.quoted(text)
                            + "; expected a path without control characters");
        }
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            throw new PluginException(
                    ErrorCode.PATH_INVALID,
                    "member '" + member + "' is " + VisibleText.quoted(text) + ", which this system takes for no path: "
                            + e.getReason());
        }
    }
}
