package org.circleosd.pluginmanager.api;

import org.osgi.annotation.versioning.ProviderType;

/** Turns manifest bytes into a checked {@link PluginManifest}. Thread-safe. */
@ProviderType
public interface ManifestParser {

    /**
     * Parses a manifest.
     *
     * @param json one JSON object in UTF-8, at most 1 MiB
     * @param origin where the bytes came from, for messages
     * @throws PluginException {@link ErrorCode#MANIFEST_INVALID}; the message starts with the origin and the JSON pointer
     *     of the member at fault
     */
    PluginManifest parse(byte[] json, String origin);

    /**
     * Makes the manifest of a plugin file that has none: the name is the file's name without its extension, the type
     * comes from the extension.
     *
     * @param fileName without folders, as {@code hello.wasm} or {@code libhello.so}
     * @throws PluginException {@link ErrorCode#MANIFEST_INVALID} if the extension says no type
     */
    PluginManifest infer(String fileName);
}
