package org.circleosd.pluginmanager.launcher;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The jars that make the daemon, as they are on disk now.
 *
 * @param system libraries and infrastructure, by start level
 * @param bundles the newest of each symbolic name in the bundles folder, in the order of their start
 */
record Distribution(Map<Integer, List<Path>> system, List<BundleJar> bundles) {

    private static final System.Logger LOG = System.getLogger(Distribution.class.getName());

    /**
     * Bundles are started in this order and stopped in the reverse one. Any order works; this one spares the waiting for
     * a neighbour that starts later or has stopped already. Bundles that are not ours come first.
     */
    private static final List<String> START_ORDER = List.of(
            "manifest",
            "trust",
            "state",
            "engine.chicory",
            "sandbox",
            "nativeloader",
            "host",
            "protocol",
            "socket",
            "shell",
            "deploy");

    private static final String OWN_PREFIX = "org.circleosd.pluginmanager.";

    /** Start level of the bundles folder: above those of the system folders. */
    static final int PRODUCT_LEVEL = 3;

    /** Returns the folder that this program was started from. */
    static Path home() throws StartException {
        try {
            Path jar = Path.of(Distribution.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            return jar.resolve("../..").normalize();
        } catch (java.net.URISyntaxException e) {
            throw new StartException("the distribution's own path is odd: " + e, "move it elsewhere");
        }
    }

    /**
     * Looks what there is. A file in the bundles folder that is no bundle is left out with a warning; one that is known
     * not to come up is left out for the one before it.
     */
    static Distribution scan(Path home, Path bundles, KeptJars kept) throws StartException {
        Map<Integer, List<Path>> system = new TreeMap<>();
        for (int level = 1; level < PRODUCT_LEVEL; level++) {
            system.put(level, jars(home.resolve("system/0" + level)));
        }
        List<BundleJar> found = new ArrayList<>();
        for (Path jar : jars(bundles)) {
            try {
                BundleJar.read(jar)
                        .ifPresentOrElse(
                                found::add,
                                () -> LOG.log(
                                        System.Logger.Level.WARNING,
                                        "{0} has no Bundle-SymbolicName: it is no bundle and is not used",
                                        jar));
            } catch (IOException e) {
                LOG.log(System.Logger.Level.WARNING, "{0} cannot be read and is not used: {1}", jar, e);
            }
        }
        List<BundleJar> newest = new ArrayList<>(BundleJar.newest(usable(found, bundles, kept)));
        newest.sort(Comparator.comparing(
                jar -> START_ORDER.indexOf(jar.symbolicName().replace(OWN_PREFIX, ""))));
        return new Distribution(system, newest);
    }

    private static List<BundleJar> usable(List<BundleJar> found, Path bundles, KeptJars kept) throws StartException {
        try {
            return kept.replaceBroken(found, bundles);
        } catch (IOException e) {
            throw new StartException("the jars that came up last cannot be told: " + e, "make the state readable");
        }
    }

    private static List<Path> jars(Path folder) throws StartException {
        List<Path> jars = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*.jar")) {
            files.forEach(jars::add);
        } catch (IOException e) {
            throw new StartException("the bundles in " + folder + " cannot be listed: " + e, "build or copy it anew");
        }
        if (jars.isEmpty()) {
            throw new StartException("there are no bundles in " + folder, "build or copy it anew");
        }
        jars.sort(null);
        return jars;
    }
}
