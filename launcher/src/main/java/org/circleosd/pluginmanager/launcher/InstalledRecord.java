package org.circleosd.pluginmanager.launcher;

import java.io.IOException;
import java.io.Reader;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Properties;

/**
 * Which files the bundles in the framework's cache were made of; kept in the cache itself, so that it goes with it. The
 * {@code deploy} bundle keeps the lines of the bundles folder up to date while the daemon runs.
 */
final class InstalledRecord {

    private InstalledRecord() {}

    /** Returns what the record says when exactly this distribution is in the cache. */
    static Properties of(Distribution distribution) throws IOException {
        Properties entries = new Properties();
        for (var jars : distribution.system().values()) {
            for (Path jar : jars) {
                entries.setProperty(jar.toString(), FileStamp.of(jar).toString());
            }
        }
        for (BundleJar jar : distribution.bundles()) {
            entries.setProperty(jar.symbolicName(), jar.stamp() + " " + jar.file());
        }
        return entries;
    }

    /** Reads a cache's record; empty if there is none. */
    static Properties read(Path cache) throws IOException {
        Properties entries = new Properties();
        Path file = file(cache);
        if (Files.exists(file)) {
            try (Reader in = Files.newBufferedReader(file, StandardCharsets.UTF_8)) {
                entries.load(in);
            } catch (IllegalArgumentException e) {
                // Damaged: as good as none, the cache is made anew.
                entries.clear();
            }
        }
        return entries;
    }

    /** Writes a cache's record, in one step. */
    static void write(Path cache, Properties entries) throws IOException {
        Path fresh = cache.resolve("installed.new");
        try (Writer out = Files.newBufferedWriter(fresh, StandardCharsets.UTF_8)) {
            entries.store(out, null);
        }
        Files.move(fresh, file(cache), StandardCopyOption.ATOMIC_MOVE);
    }

    private static Path file(Path cache) {
        return cache.resolve("installed");
    }
}
