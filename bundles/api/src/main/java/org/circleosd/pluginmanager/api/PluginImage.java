package org.circleosd.pluginmanager.api;

import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The host's own read-only copy of a plugin file. Nobody else writes it: what was checked is what runs.
 *
 * @param sha256 digest of its bytes
 * @param file absolute path of the copy; a regular file that exists until the last plugin made of it is closed
 * @param size in bytes; not negative
 * @param origin absolute path that the copy was made of, for messages; may no longer exist
 * @param linked the modules of {@link PluginManifest#modules} by name, in the manifest's order; they have none of their
 *     own
 */
public record PluginImage(Sha256 sha256, Path file, long size, Path origin, Map<String, PluginImage> linked) {

    /** Copies the map and keeps its order. */
    public PluginImage {
        linked = Collections.unmodifiableMap(new LinkedHashMap<>(linked));
    }

    /** Makes an image that is linked with no other. */
    public PluginImage(Sha256 sha256, Path file, long size, Path origin) {
        this(sha256, file, size, origin, Map.of());
    }
}
