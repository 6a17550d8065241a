package org.circleosd.pluginmanager.itest;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.jar.JarFile;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;

/** Jars of our bundles, and copies of them that differ. */
final class BundleJars {

    static final String OURS = "org.circleosd.pluginmanager.";

    private BundleJars() {}

    /** Finds the jar of a room in a folder. */
    static Path find(Path folder, String room) throws IOException {
        try (Stream<Path> jars = Files.list(folder)) {
            return jars.filter(jar -> jar.toString().endsWith(".jar"))
                    .filter(jar -> symbolicName(jar).equals(OURS + room))
                    .findFirst()
                    .orElseThrow();
        }
    }

    /** Copies a jar with another manifest header, so that the bytes differ. */
    static Path copy(Path jar, Path to, String header, String value) throws IOException {
        try (JarInputStream in = new JarInputStream(Files.newInputStream(jar));
                OutputStream out = Files.newOutputStream(to)) {
            Manifest manifest = in.getManifest();
            manifest.getMainAttributes().putValue(header, value);
            try (JarOutputStream copy = new JarOutputStream(out, manifest)) {
                for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                    copy.putNextEntry(new ZipEntry(entry.getName()));
                    in.transferTo(copy);
                }
            }
        }
        return to;
    }

    private static String symbolicName(Path jar) {
        try (JarFile file = new JarFile(jar.toFile())) {
            return file.getManifest().getMainAttributes().getValue("Bundle-SymbolicName");
        } catch (IOException e) {
            throw new AssertionError(jar.toString(), e);
        }
    }
}
