package org.circleosd.pluginmanager.nativeloader.program;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.FileSystem;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.CodeSource;
import java.util.Collections;
import java.util.Enumeration;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.jar.JarOutputStream;
import java.util.stream.Stream;
import java.util.zip.CRC32;
import java.util.zip.Deflater;
import java.util.zip.ZipEntry;
import org.osgi.framework.Bundle;
import org.osgi.framework.FrameworkUtil;

/**
 * Classes of this process as a jar for another one. A bundle's file may be gone or replaced while the bundle runs, so its
 * classes are asked of the framework.
 */
final class ClassFiles {

    private static final String SUFFIX = ".class";

    private final SortedMap<String, byte[]> classes = new TreeMap<>();

    /**
     * Adds the classes of a package and of those below it.
     *
     * @param sample any class that comes from the same bundle or jar
     */
    ClassFiles add(Class<?> sample, String packageName) throws IOException {
        String path = packageName.replace('.', '/');
        Bundle bundle = FrameworkUtil.getBundle(sample);
        if (bundle != null) {
            addOf(bundle, path);
        } else {
            addOf(placeOf(sample), path);
        }
        return this;
    }

    /** Returns a jar of them; the same classes give the same bytes. */
    byte[] jar() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (JarOutputStream out = new JarOutputStream(bytes)) {
            // Stored: the JVM maps what it need not unpack.
            out.setMethod(ZipEntry.STORED);
            out.setLevel(Deflater.NO_COMPRESSION);
            for (Map.Entry<String, byte[]> one : classes.entrySet()) {
                ZipEntry entry = new ZipEntry(one.getKey());
                CRC32 crc = new CRC32();
                crc.update(one.getValue());
                entry.setTime(0);
                entry.setSize(one.getValue().length);
                entry.setCrc(crc.getValue());
                out.putNextEntry(entry);
                out.write(one.getValue());
            }
        }
        return bytes.toByteArray();
    }

    private void addOf(Bundle bundle, String path) throws IOException {
        Enumeration<URL> found = bundle.findEntries(path, "*" + SUFFIX, true);
        if (found == null) {
            throw new IOException("bundle " + bundle + " has no classes in " + path);
        }
        for (URL entry : Collections.list(found)) {
            try (InputStream in = entry.openStream()) {
                classes.put(entry.getPath().substring(1), in.readAllBytes());
            }
        }
    }

    /** Without a framework, as in tests of this room: a folder or a jar. */
    private void addOf(Path place, String path) throws IOException {
        if (Files.isDirectory(place)) {
            addBelow(place, path);
            return;
        }
        try (FileSystem jar = FileSystems.newFileSystem(place)) {
            addBelow(jar.getPath("/"), path);
        }
    }

    private void addBelow(Path root, String path) throws IOException {
        try (Stream<Path> files = Files.walk(root.resolve(path))) {
            files.filter(file -> file.toString().endsWith(SUFFIX)).forEach(file -> {
                try {
                    classes.put(root.relativize(file).toString().replace('\\', '/'), Files.readAllBytes(file));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        } catch (UncheckedIOException e) {
            throw e.getCause();
        }
    }

    private static Path placeOf(Class<?> sample) throws IOException {
        CodeSource source = sample.getProtectionDomain().getCodeSource();
        if (source == null) {
            throw new IOException("nobody says where " + sample + " comes from");
        }
        try {
            URI location = source.getLocation().toURI();
            return Path.of(location);
        } catch (URISyntaxException e) {
            throw new IOException(source.getLocation() + " is no path", e);
        }
    }
}
