package org.circleosd.pluginmanager.host;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.ManifestParser;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.jspecify.annotations.Nullable;

/**
 * Where a plugin's manifest comes from: a file, or the plugin file's name.
 *
 * @param json the manifest's text; null: it is inferred from the name
 * @param origin for messages: the manifest file's name, or the plugin file's
 * @param file absolute path of the file that the manifest, or its absence, was found by; paths in the manifest start in
 *     its folder
 */
record ManifestSource(@Nullable String json, String origin, Path file) {

    private static final int MAX_BYTES = 1 << 20;

    /**
     * Reads the manifest of a plugin file.
     *
     * @param plugin absolute path of the plugin file
     * @param given absolute path of its manifest; empty: the sibling with the extension {@code .json}, if there is one
     */
    static ManifestSource read(Path plugin, Optional<Path> given) {
        Path file = given.orElseGet(() -> sibling(plugin));
        if (given.isEmpty() && !Files.isRegularFile(file)) {
            return new ManifestSource(null, fileName(plugin), plugin);
        }
        try {
            if (Files.exists(file) && !Files.isRegularFile(file)) {
                throw new PluginException(
                        ErrorCode.PATH_INVALID, "manifest " + file + " is no regular file; expected a JSON file");
            }
            byte[] bytes;
            try (InputStream in = Files.newInputStream(file)) {
                bytes = in.readNBytes(MAX_BYTES + 1);
            }
            if (bytes.length > MAX_BYTES) {
                throw new PluginException(
                        ErrorCode.TOO_LARGE,
                        "manifest " + file + " is larger than the " + MAX_BYTES + " bytes that a manifest may have");
            }
            // Latin-1 keeps every byte, so that the parser, not this class, judges the encoding.
            return new ManifestSource(new String(bytes, StandardCharsets.ISO_8859_1), fileName(file), file);
        } catch (NoSuchFileException e) {
            throw new PluginException(ErrorCode.PATH_INVALID, "manifest " + file + " does not exist");
        } catch (IOException e) {
            throw new PluginException(
                    ErrorCode.PATH_INVALID, "manifest " + file + " cannot be read: " + e.getMessage());
        }
    }

    PluginManifest parse(ManifestParser parser) {
        return json == null ? parser.infer(origin) : parser.parse(json.getBytes(StandardCharsets.ISO_8859_1), origin);
    }

    private static Path sibling(Path plugin) {
        String name = fileName(plugin);
        int dot = name.lastIndexOf('.');
        return plugin.resolveSibling((dot > 0 ? name.substring(0, dot) : name) + ".json");
    }

    static String fileName(Path file) {
        Path name = file.getFileName();
        return name == null ? file.toString() : name.toString();
    }
}
