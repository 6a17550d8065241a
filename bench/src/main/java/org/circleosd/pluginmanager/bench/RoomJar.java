package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.jar.Attributes;
import java.util.jar.JarFile;
import java.util.jar.JarInputStream;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/**
 * The jar of one of our rooms, in a folder of bundles.
 *
 * @param file the jar
 * @param room as in {@code sandbox}
 */
record RoomJar(Path file, String room) {

    private static final String NAMES = "org.circleosd.pluginmanager.";
    private static final String NAME = "Bundle-SymbolicName";
    private static final String VERSION = "Bundle-Version";

    static RoomJar find(Path folder, String room) throws IOException {
        try (DirectoryStream<Path> jars = Files.newDirectoryStream(folder, "*.jar")) {
            for (Path jar : jars) {
                if (header(jar, NAME).equals(NAMES + room)) {
                    return new RoomJar(jar, room);
                }
            }
        }
        throw new IOException("there is no bundle " + NAMES + room + " in " + folder);
    }

    String symbolicName() {
        return NAMES + room;
    }

    /** Puts a copy with other bytes in its place, in one step. */
    void mark(Path scratch, String mark) throws IOException {
        Path copy = scratch.resolve(room + ".tmp");
        copy(copy, "X-Mark", mark);
        Files.move(copy, file, StandardCopyOption.ATOMIC_MOVE);
    }

    /** Makes a copy with a higher version. */
    void newer(Path to, int number) throws IOException {
        Path copy = to.resolveSibling(room + ".tmp");
        copy(copy, VERSION, header(file, VERSION) + ".u" + String.format("%05d", number));
        Files.move(copy, to, StandardCopyOption.ATOMIC_MOVE);
    }

    private void copy(Path to, String header, String value) throws IOException {
        try (JarInputStream in = new JarInputStream(Files.newInputStream(file));
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
    }

    private static String header(Path file, String name) throws IOException {
        try (JarFile jar = new JarFile(file.toFile())) {
            Attributes headers = jar.getManifest().getMainAttributes();
            return headers.getValue(name).replaceFirst(";.*", "").strip();
        }
    }
}
