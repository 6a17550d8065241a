package org.circleosd.pluginmanager.api;

import java.nio.file.Path;
import java.util.Optional;

/**
 * Which plugin to load.
 *
 * @param path of the plugin file
 * @param manifest path of its manifest; empty: the sibling file with the extension {@code .json} if there is one, else
 *     what the plugin file's name says
 * @param as the id to load it under; empty: the manifest's
 */
public record LoadRequest(Path path, Optional<Path> manifest, Optional<PluginId> as) {

    /** Asks for the plugin file with its sibling manifest, if there is one, under its own id. */
    public static LoadRequest of(Path path) {
        return new LoadRequest(path, Optional.empty(), Optional.empty());
    }
}
