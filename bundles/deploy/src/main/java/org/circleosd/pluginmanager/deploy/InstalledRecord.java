package org.circleosd.pluginmanager.deploy;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which file each bundle in the framework's cache was made of, by symbolic name. The launcher writes it when it fills
 * the cache, and fills the cache anew when the folder does not agree with it at a start.
 */
final class InstalledRecord {

    private final Path file;
    private final Properties entries = new Properties();

    /** Reads the record that the launcher wrote. */
    InstalledRecord(Path cache) throws IOException {
        file = cache.resolve("installed");
        if (Files.exists(file)) {
            try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                entries.load(in);
            }
        }
    }

    /** Returns the {@link BundleJar#identity} of the jar that a bundle was made of. */
    Optional<String> identityOf(String symbolicName) {
        return Optional.ofNullable(entries.getProperty(symbolicName));
    }

    /** Returns the files that bundles of a folder were made of, by symbolic name. */
    Map<String, Path> filesIn(Path folder) {
        Map<String, Path> files = new HashMap<>();
        for (String name : entries.stringPropertyNames()) {
            // The launcher's lines about the system folders have a path as their name.
            Path path = name.startsWith("/") ? null : BundleJar.fileOf(entries.getProperty(name));
            if (path != null && folder.equals(path.getParent())) {
                files.put(name, path);
            }
        }
        return files;
    }

    /** Returns the symbolic names of the bundles that were made of files in these folders. */
    Set<String> bundlesIn(Path... folders) {
        Set<String> names = new TreeSet<>();
        for (Path folder : folders) {
            names.addAll(filesIn(folder).keySet());
        }
        return names;
    }

    /** Notes what a bundle was made of. */
    void put(BundleJar jar) throws IOException {
        put(jar.symbolicName(), jar.identity());
    }

    /** Notes what a bundle was made of, as its {@link BundleJar#identity}. */
    void put(String symbolicName, String identity) throws IOException {
        entries.setProperty(symbolicName, identity);
        save();
    }

    /** Notes that a bundle is gone, or is about to become another. */
    void remove(String symbolicName) throws IOException {
        if (entries.remove(symbolicName) != null) {
            save();
        }
    }

    private void save() throws IOException {
        Path fresh = file.resolveSibling("installed.new");
        try (Writer out = Files.newBufferedWriter(fresh, StandardCharsets.UTF_8)) {
            entries.store(out, null);
        }
        Files.move(fresh, file, StandardCopyOption.ATOMIC_MOVE);
    }
}
