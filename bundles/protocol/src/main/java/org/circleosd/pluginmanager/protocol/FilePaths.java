package org.circleosd.pluginmanager.protocol;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.action.ActionRequest;

/** Reads the members that name the files of a plugin. */
final class FilePaths {

    /** Longer than any path that Linux takes. */
    private static final int MAX_CHARS = 4096;

    private FilePaths() {}

    /** Reads {@code path} and {@code manifest}. */
    static LoadRequest request(ActionRequest request, Optional<PluginId> as) {
        String path = request.string("path");
        Optional<String> manifest = request.optionalString("manifest");
        return new LoadRequest(path("path", path), manifest.map(text -> path("manifest", text)), as);
    }

    private static Path path(String member, String text) {
        if (text.isEmpty()) {
            throw new PluginException(
                    ErrorCode.PATH_INVALID, "member '" + member + "' is empty; expected the path of a file");
        }
        if (text.length() > MAX_CHARS) {
            throw new PluginException(
                    ErrorCode.PATH_INVALID,
                    "member '" + member + "' has " + text.length() + " characters; a path has at most " + MAX_CHARS);
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
