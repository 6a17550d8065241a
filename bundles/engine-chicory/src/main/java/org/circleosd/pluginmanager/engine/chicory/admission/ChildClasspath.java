package org.circleosd.pluginmanager.engine.chicory.admission;

import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.jar.JarOutputStream;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import org.circleosd.pluginmanager.engine.chicory.store.CodeStore;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

/**
 * The classes that the child needs, as a class path. A bundle's file may be gone or replaced while the bundle runs, so
 * its classes are asked of the framework and written to a jar of our own, anew in each life of the engine.
 */
final class ChildClasspath implements AutoCloseable {

    private final List<Class<?>> samples;
    /** Guarded by this. */
    private @Nullable Path jar;

    /** @param samples one class of each bundle that the child needs */
    ChildClasspath(List<Class<?>> samples) {
        this.samples = List.copyOf(samples);
    }

    /**
     * Returns the class path; its jar is made if it is missing.
     *
     * @param folder for the jar
     */
    synchronized String path(Path folder) throws IOException {
        Set<Bundle> bundles = new LinkedHashSet<>();
        for (Class<?> sample : samples) {
            Bundle bundle = FrameworkUtil.getBundle(sample);
            if (bundle != null) {
                bundles.add(bundle);
            }
        }
        // Without a framework, as in tests of this room, the class path of this process has them all.
        return bundles.isEmpty()
                ? System.getProperty("java.class.path")
                : jar(folder, bundles).toString();
    }

    private Path jar(Path folder, Set<Bundle> bundles) throws IOException {
        Path present = jar;
        if (present != null && Files.exists(present)) {
            return present;
        }
        Path made = Files.createTempFile(folder, "compiler-", CodeStore.UNFINISHED);
        try {
            write(made, bundles);
        } catch (IOException e) {
            Files.deleteIfExists(made);
            throw e;
        }
        jar = made;
        return made;
    }

    private static void write(Path jar, Set<Bundle> bundles) throws IOException {
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(jar, WRITE))) {
            out.setLevel(Deflater.NO_COMPRESSION);
            Set<String> names = new HashSet<>();
            for (Bundle bundle : bundles) {
                for (URL entry : classes(bundle)) {
                    String name = entry.getPath().substring(1);
                    if (names.add(name)) {
                        out.putNextEntry(new ZipEntry(name));
                        try (InputStream in = entry.openStream()) {
                            in.transferTo(out);
                        }
                    }
                }
            }
        }
    }

    private static List<URL> classes(Bundle bundle) throws IOException {
        Enumeration<URL> found = bundle.findEntries("/", "*.class", true);
        if (found == null) {
            throw new IOException("bundle " + bundle + " has no classes");
        }
        return Collections.list(found);
    }

    @Override
    public synchronized void close() throws IOException {
        if (jar != null) {
            Files.deleteIfExists(jar);
        }
    }
}
