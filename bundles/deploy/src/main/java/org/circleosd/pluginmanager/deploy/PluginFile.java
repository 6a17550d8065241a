package org.circleosd.pluginmanager.deploy;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.circleosd.pluginmanager.api.Sha256;

/**
 * A plugin file in the drop folder with the manifest beside it.
 *
 * @param file the plugin file
 * @param stamps of the plugin file and of its manifest, if there is one; differs whenever one of the two changes
 */
record PluginFile(Path file, String stamps) {

    private static final Set<String> EXTENSIONS = Set.of("wasm", "so", "dll", "dylib");

    /** What the two files hold. */
    record Digests(Sha256 plugin, String manifest) {}

    /** Says whether the name is a plugin file's. */
    static boolean isPlugin(Path file) {
        String name = file.getFileName().toString();
        int dot = name.lastIndexOf('.');
        return dot > 0 && EXTENSIONS.contains(name.substring(dot + 1));
    }

    /** Finds the plugin files that are settled, with their manifests. */
    static List<PluginFile> of(WatchedFolder.Look look) {
        List<PluginFile> files = new ArrayList<>();
        for (Map.Entry<Path, FileStamp> entry : look.settled().entrySet()) {
            Path manifest = manifestOf(entry.getKey());
            boolean manifestSettled =
                    !look.present().containsKey(manifest) || look.settled().containsKey(manifest);
            if (isPlugin(entry.getKey()) && manifestSettled) {
                FileStamp manifestStamp = look.settled().get(manifest);
                files.add(new PluginFile(
                        entry.getKey(), entry.getValue() + ", " + (manifestStamp == null ? "none" : manifestStamp)));
            }
        }
        return files;
    }

    /** Reads both files. */
    Digests digests() throws IOException {
        return new Digests(new Sha256(digest(file)), manifestDigest());
    }

    private String manifestDigest() throws IOException {
        try {
            return digest(manifestOf(file));
        } catch (NoSuchFileException e) {
            return "none";
        }
    }

    private static Path manifestOf(Path file) {
        String name = file.getFileName().toString();
        return file.resolveSibling(name.substring(0, Math.max(0, name.lastIndexOf('.'))) + ".json");
    }

    private static String digest(Path file) throws IOException {
        MessageDigest sha256;
        try {
            sha256 = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
        try (InputStream in = new DigestInputStream(Files.newInputStream(file), sha256)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
        return HexFormat.of().formatHex(sha256.digest());
    }
}
