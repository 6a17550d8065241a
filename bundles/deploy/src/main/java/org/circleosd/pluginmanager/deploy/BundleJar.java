package org.circleosd.pluginmanager.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.Comparator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.BinaryOperator;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.Manifest;
import org.circleosd.pluginmanager.api.Sha256;
import org.osgi.framework.Constants;
import org.osgi.framework.Version;

/**
 * A bundle in a file of the bundles folder. The launcher keeps to the same rule for the newest when it starts.
 *
 * @param file the jar
 * @param stamp of the file
 * @param symbolicName the bundle's
 * @param version the bundle's
 * @param content digest of the file's bytes
 */
record BundleJar(Path file, FileStamp stamp, String symbolicName, Version version, Sha256 content) {

    private static final Comparator<BundleJar> AGE = Comparator.comparing(BundleJar::version)
            .thenComparing(jar -> jar.stamp().modified());

    /**
     * Reads a jar's headers.
     *
     * @return empty if it is no bundle
     * @throws IOException if it cannot be read as a jar
     */
    static Optional<BundleJar> read(Path file, FileStamp stamp) throws IOException {
        try (JarFile jar = new JarFile(file.toFile())) {
            Manifest manifest = jar.getManifest();
            Attributes headers = manifest == null ? new Attributes() : manifest.getMainAttributes();
            String name = headers.getValue(Constants.BUNDLE_SYMBOLICNAME);
            if (name == null) {
                return Optional.empty();
            }
            Version version = Version.parseVersion(headers.getValue(Constants.BUNDLE_VERSION));
            Sha256 content = Sha256.of(Files.readAllBytes(file));
            return Optional.of(
                    new BundleJar(file, stamp, name.replaceFirst(";.*", "").strip(), version, content));
        } catch (IllegalArgumentException e) {
            throw new IOException(e.getMessage(), e);
        }
    }

    /** Keeps, of each symbolic name, the highest version, and of that the file that changed last; by name. */
    static Map<String, BundleJar> newest(Collection<BundleJar> jars) {
        Map<String, BundleJar> newest = new TreeMap<>();
        for (BundleJar jar : jars) {
            newest.merge(jar.symbolicName(), jar, BinaryOperator.maxBy(AGE));
        }
        return newest;
    }

    /** Returns the file of an {@link #identity}. */
    static Path fileOf(String identity) {
        return Path.of(identity.replaceFirst("^\\S+ \\S+ ", ""));
    }

    /** Says exactly which file this is; the launcher compares it at the next start. */
    String identity() {
        return stamp + " " + file;
    }
}
