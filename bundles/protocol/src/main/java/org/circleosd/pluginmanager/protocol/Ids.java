package org.circleosd.pluginmanager.protocol;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.action.ActionRequest;

/** Reads the members that name something. */
final class Ids {

    static final String SYNTAX = "an id: a lower-case letter, then up to 62 lower-case letters, digits or hyphens";

    private static final int MAX_FUNCTION_CHARS = 1024;

    private Ids() {}

    /** Reads the id of a loaded plugin. A text that is no id names no plugin. */
    static PluginId loaded(ActionRequest request) {
        String id = withoutNul("id", request.string("id"));
        if (!PluginId.isValid(id)) {
            throw new PluginException(
                    ErrorCode.PLUGIN_NOT_FOUND,
                    "no plugin has the id " + VisibleText.quoted(id) + "; expected " + SYNTAX);
        }
        return new PluginId(id);
    }

    /** Reads the name of a plugin's function. */
    static String function(ActionRequest request) {
        String name = withoutNul("func", request.string("func"));
        if (name.length() > MAX_FUNCTION_CHARS) {
            throw new PluginException(
                    ErrorCode.BAD_REQUEST,
                    "member 'func' has " + name.length() + " characters; expected at most " + MAX_FUNCTION_CHARS);
        }
        return name;
    }

    private static String withoutNul(String member, String text) {
        if (text.indexOf('\0') >= 0) {
            throw new PluginException(
                    ErrorCode.BAD_REQUEST, "member '" + member + "' has the character U+0000; expected a name");
        }
        return text;
    }
}
