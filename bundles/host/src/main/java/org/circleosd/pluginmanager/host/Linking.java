package org.circleosd.pluginmanager.host;

import java.nio.file.InvalidPathException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginManifest.LinkedModule;
import org.circleosd.pluginmanager.api.PluginManifest.Source;
import org.circleosd.pluginmanager.api.Sha256;

/** Puts the modules that a plugin file is linked with beside its image. */
record Linking(ImageStore images) {

    /**
     * Copies the modules of a manifest into the store and checks the digests that it names.
     *
     * @param main image of the plugin file
     * @return the image with those of its modules; whoever drops it drops them too
     * @throws PluginException {@link ErrorCode#PLUGIN_INVALID} if a file is not the one that the manifest means, or one of
     *     the codes of {@link ImageStore#take}; no module is held then
     */
    PluginImage link(PluginImage main, PluginManifest manifest, ManifestSource source) {
        check(main, manifest.sha256(), "the plugin file " + main.origin());
        if (manifest.modules().isEmpty()) {
            return main;
        }
        String name = ManifestSource.fileName(main.origin());
        if (!manifest.entry().isEmpty() && !manifest.entry().equals(name)) {
            throw new PluginException(
                    ErrorCode.PLUGIN_INVALID,
                    "the main module of " + source.origin() + " is '" + manifest.entry()
                            + "', but the file to load is '" + name + "'; load the main module");
        }
        Map<String, PluginImage> linked = new LinkedHashMap<>();
        try {
            for (LinkedModule module : manifest.modules()) {
                PluginImage image = take(module.source(), source);
                linked.put(module.name(), image);
                check(image, module.sha256(), "the module '" + module.name() + "' of " + source.origin());
            }
        } catch (RuntimeException e) {
            linked.values().forEach(images::drop);
            throw e;
        }
        return with(main, linked);
    }

    /**
     * Holds the images of a kept plugin.
     *
     * @throws PluginException {@link ErrorCode#STATE_CORRUPT} if one is missing; none is held then
     */
    PluginImage hold(PluginRecord record) {
        Map<String, PluginImage> linked = new LinkedHashMap<>();
        try {
            record.linked().forEach((name, sha256) -> linked.put(name, images.hold(sha256, record.path())));
            return with(images.hold(record.sha256(), record.path()), linked);
        } catch (PluginException e) {
            linked.values().forEach(images::drop);
            throw e;
        }
    }

    private PluginImage take(Source from, ManifestSource manifest) {
        if (from instanceof Source.Inline inline) {
            return images.take(inline.bytes(), manifest.file());
        }
        String path = ((Source.File) from).path();
        try {
            return images.take(manifest.file().resolveSibling(path).normalize());
        } catch (InvalidPathException e) {
            throw new PluginException(ErrorCode.PATH_INVALID, manifest.origin() + ": '" + path + "' is no path");
        }
    }

    private static void check(PluginImage image, Optional<Sha256> expected, String what) {
        if (expected.isPresent() && !expected.get().equals(image.sha256())) {
            throw new PluginException(
                    ErrorCode.PLUGIN_INVALID,
                    what + " has the SHA-256 " + image.sha256() + "; the manifest expects " + expected.get()
                            + ": the file is damaged or another one");
        }
    }

    private static PluginImage with(PluginImage main, Map<String, PluginImage> linked) {
        return new PluginImage(main.sha256(), main.file(), main.size(), main.origin(), linked);
    }
}
