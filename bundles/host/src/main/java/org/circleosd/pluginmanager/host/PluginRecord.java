package org.circleosd.pluginmanager.host;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.api.StateStore;
import org.jspecify.annotations.Nullable;

/**
 * What the state store keeps of a loaded plugin: enough to show it and to load it again. Written as properties, so that
 * a person can read it.
 *
 * @param path absolute path that it was loaded from
 * @param sha256 of its image
 * @param loadedAt when it was loaded under its id
 * @param upgradedAt when this content took the place of other content; null if it did not, or came back by a rollback
 * @param linked digests of the modules that are linked with it, by name, in the manifest's order
 * @param manifestJson the manifest's text; null if the plugin file had none
 * @param manifestOrigin name of the manifest's file, for messages
 * @param enabled whether it is to take calls; false: somebody disabled it
 * @param name the manifest's, shown until the manifest is parsed again; likewise the next three
 */
record PluginRecord(
        PluginId id,
        Path path,
        Sha256 sha256,
        Map<String, Sha256> linked,
        Instant loadedAt,
        @Nullable Instant upgradedAt,
        @Nullable String manifestJson,
        String manifestOrigin,
        boolean enabled,
        String name,
        String version,
        String description,
        PluginType type) {

    /** Copies the map and keeps its order. */
    PluginRecord {
        linked = Collections.unmodifiableMap(new LinkedHashMap<>(linked));
    }

    /** The state store's bucket of these records; the key is the id. */
    static final String BUCKET = "plugins";

    /** The state store's bucket of the content that a rollback returns to, in records of the same form; the key is the id. */
    static final String PREVIOUS = "previous";

    static PluginRecord of(
            PluginId id, PluginImage image, Instant loadedAt, ManifestSource source, PluginManifest manifest) {
        Map<String, Sha256> linked = new LinkedHashMap<>();
        image.linked().forEach((name, module) -> linked.put(name, module.sha256()));
        return new PluginRecord(
                id,
                image.origin(),
                image.sha256(),
                linked,
                loadedAt,
                null,
                source.json(),
                source.origin(),
                true,
                manifest.name(),
                manifest.version(),
                manifest.description(),
                manifest.type());
    }

    /** Returns the same record with another {@link #enabled}. */
    PluginRecord withEnabled(boolean isEnabled) {
        return with(isEnabled, upgradedAt);
    }

    /** Returns the same record with another {@link #upgradedAt}. */
    PluginRecord withUpgrade(@Nullable Instant time) {
        return with(enabled, time);
    }

    private PluginRecord with(boolean isEnabled, @Nullable Instant upgrade) {
        return new PluginRecord(
                id,
                path,
                sha256,
                linked,
                loadedAt,
                upgrade,
                manifestJson,
                manifestOrigin,
                isEnabled,
                name,
                version,
                description,
                type);
    }

    /** Says whether this is of the same files. */
    boolean hasContentOf(PluginRecord other) {
        return sha256.equals(other.sha256)
                && linked.equals(other.linked)
                && Objects.equals(manifestJson, other.manifestJson);
    }

    /** Returns the change that keeps this in a bucket. */
    StateStore.Change in(String bucket) {
        return new StateStore.Change(bucket, id.value(), encode());
    }

    /** Returns the change after which there is nothing to return to. */
    static StateStore.Change noPrevious(PluginId id) {
        return new StateStore.Change(PREVIOUS, id.value(), null);
    }

    /** Returns where the manifest comes from when the plugin is opened again. */
    ManifestSource source() {
        return new ManifestSource(manifestJson, manifestOrigin, path);
    }

    byte[] encode() {
        Properties properties = new Properties();
        properties.setProperty("path", path.toString());
        properties.setProperty("sha256", sha256.hex());
        properties.setProperty("loaded_at", loadedAt.toString());
        if (manifestJson != null) {
            properties.setProperty("manifest", manifestJson);
            properties.setProperty("manifest_origin", manifestOrigin);
        }
        if (upgradedAt != null) {
            properties.setProperty("upgraded_at", upgradedAt.toString());
        }
        if (!enabled) {
            properties.setProperty("enabled", "false");
        }
        int count = 0;
        for (Map.Entry<String, Sha256> module : linked.entrySet()) {
            properties.setProperty("module." + count++, module.getValue().hex() + " " + module.getKey());
        }
        properties.setProperty("name", name);
        properties.setProperty("version", version);
        properties.setProperty("description", description);
        properties.setProperty("plugin_type", type.wireName());
        StringWriter text = new StringWriter();
        try {
            properties.store(text, null);
        } catch (IOException e) {
            throw new UncheckedIOException("a StringWriter does not fail", e);
        }
        return text.toString().getBytes(StandardCharsets.UTF_8);
    }

    /**
     * Reads what {@link #encode} wrote.
     *
     * @throws PluginException {@link ErrorCode#STATE_CORRUPT} for anything else
     */
    static PluginRecord decode(String key, byte[] value) {
        Properties properties = new Properties();
        try {
            properties.load(new StringReader(new String(value, StandardCharsets.UTF_8)));
            return new PluginRecord(
                    new PluginId(key),
                    Path.of(member(properties, "path")),
                    new Sha256(member(properties, "sha256")),
                    linked(properties),
                    Instant.parse(member(properties, "loaded_at")),
                    upgradedAt(properties),
                    properties.getProperty("manifest"),
                    origin(properties),
                    enabled(properties),
                    member(properties, "name"),
                    member(properties, "version"),
                    member(properties, "description"),
                    PluginType.ofWireName(member(properties, "plugin_type"))
                            .orElseThrow(() -> new IllegalArgumentException("unknown plugin_type")));
        } catch (IOException | IllegalArgumentException | DateTimeException | PluginException e) {
            throw new PluginException(
                    ErrorCode.STATE_CORRUPT, "the record of plugin '" + key + "' cannot be read: " + e.getMessage());
        }
    }

    /** Records of earlier versions do not have it. */
    private static String origin(Properties properties) {
        String origin = properties.getProperty("manifest_origin");
        return origin == null ? ManifestSource.fileName(Path.of(member(properties, "path"))) : origin;
    }

    private static @Nullable Instant upgradedAt(Properties properties) {
        String time = properties.getProperty("upgraded_at");
        return time == null ? null : Instant.parse(time);
    }

    private static boolean enabled(Properties properties) {
        String enabled = properties.getProperty("enabled", "true");
        if (!enabled.equals("true") && !enabled.equals("false")) {
            throw new IllegalArgumentException("enabled is " + enabled);
        }
        return enabled.equals("true");
    }

    private static Map<String, Sha256> linked(Properties properties) {
        Map<String, Sha256> linked = new LinkedHashMap<>();
        String module = properties.getProperty("module.0");
        while (module != null) {
            int space = module.indexOf(' ');
            if (space < 0) {
                throw new IllegalArgumentException("module " + module + " has no name");
            }
            linked.put(module.substring(space + 1), new Sha256(module.substring(0, space)));
            module = properties.getProperty("module." + linked.size());
        }
        return linked;
    }

    private static String member(Properties properties, String name) {
        String value = properties.getProperty(name);
        if (value == null) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return value;
    }
}
