package org.circleosd.pluginmanager.itest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.UnaryOperator;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import java.util.zip.ZipOutputStream;

/**
 * The jar of one of our bundles in a daemon's bundles folder, as it is and changed.
 *
 * @param room last part of the symbolic name
 */
record RoomJar(Home home, String room) {

    private static final String MANIFEST = "META-INF/MANIFEST.MF";

    String symbolicName() {
        return "org.circleosd.pluginmanager." + room;
    }

    Path file() {
        return home.bundles().resolve(room.replace('.', '-') + "-0.1.0.jar");
    }

    /** Reads the jar that the daemon came with. */
    byte[] good() throws IOException {
        return Files.readAllBytes(Daemon.DISTRIBUTION.resolve("bundles").resolve(file().getFileName()));
    }

    /** Puts a file in the place of the jar, in one step. */
    void drop(byte[] content) throws IOException {
        Path fresh = Files.write(Files.createTempFile(home.dir(), "fresh", ".tmp"), content);
        Files.move(fresh, file(), StandardCopyOption.ATOMIC_MOVE);
    }

    /** A jar whose bundle does not resolve. */
    byte[] unresolvable() throws IOException {
        return withManifest(text -> text.replaceFirst("Import-Package: ", "Import-Package: nobody.has.it,\r\n "));
    }

    /** A jar whose bundle does not start. */
    byte[] withBrokenActivator() throws IOException {
        return withManifest(
                text -> text.replaceFirst("Bundle-Vendor:", "Bundle-Activator: no.such.Class\r\nBundle-Vendor:"));
    }

    /** A jar whose components wait for a service that nobody offers. */
    byte[] withUnsatisfiedComponents() throws IOException {
        return with(
                "OSGI-INF/",
                xml -> xml.replaceFirst(
                        "<implementation", "<reference name=\"Zzz\" interface=\"no.such.Service\"/><implementation"));
    }

    /** A jar whose components have no class. */
    byte[] withoutComponentClasses() throws IOException {
        return with("OSGI-INF/", xml -> xml.replaceFirst("(<implementation class=\"[^\"]+)", "$1Lost"));
    }

    /** The same jar with another manifest header, so that name and version stay and the bytes differ. */
    byte[] marked(String mark) throws IOException {
        return withManifest(text -> text.replaceFirst("Bundle-Vendor:", "X-Mark: " + mark + "\r\nBundle-Vendor:"));
    }

    private byte[] withManifest(UnaryOperator<String> change) throws IOException {
        return with(MANIFEST, change);
    }

    private byte[] with(String prefix, UnaryOperator<String> change) throws IOException {
        Map<String, byte[]> entries = new LinkedHashMap<>();
        Path good = Daemon.DISTRIBUTION.resolve("bundles").resolve(file().getFileName());
        try (ZipFile jar = new ZipFile(good.toFile())) {
            for (ZipEntry entry : jar.stream().toList()) {
                try (InputStream in = jar.getInputStream(entry)) {
                    entries.put(entry.getName(), in.readAllBytes());
                }
            }
        }
        entries.replaceAll((name, content) -> name.startsWith(prefix) && content.length > 0
                ? change.apply(new String(content, StandardCharsets.UTF_8)).getBytes(StandardCharsets.UTF_8)
                : content);
        Path changed = Files.createTempFile(home.dir(), "changed", ".tmp");
        try (ZipOutputStream out = new ZipOutputStream(Files.newOutputStream(changed))) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue());
                out.closeEntry();
            }
        }
        byte[] bytes = Files.readAllBytes(changed);
        Files.delete(changed);
        return bytes;
    }
}
