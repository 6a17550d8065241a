package org.circleosd.pluginmanager.deploy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.zip.ZipEntry;

/** Builds the jar of a bundle, or of none. */
final class TestJar {

    private final Manifest manifest = new Manifest();
    private final Map<String, byte[]> entries = new LinkedHashMap<>();

    TestJar() {
        manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    }

    /** A bundle with a header that tests can ask for. */
    static TestJar bundle(String symbolicName, String version, String variant) {
        return new TestJar()
                .header("Bundle-ManifestVersion", "2")
                .header("Bundle-SymbolicName", symbolicName)
                .header("Bundle-Version", version)
                .header("X-Variant", variant);
    }

    TestJar header(String name, String value) {
        manifest.getMainAttributes().putValue(name, value);
        return this;
    }

    /** Has a class of this module start and stop the bundle. */
    TestJar activator(Class<?> type) throws IOException {
        return with(type).header("Bundle-Activator", type.getName()).header("Import-Package", "org.osgi.framework");
    }

    /**
     * Adds a component.
     *
     * @param content of the component's element: services, references
     */
    TestJar component(Class<?> type, String attributes, String content) throws IOException {
        String file = "OSGI-INF/" + type.getSimpleName() + ".xml";
        String xml = "<scr:component xmlns:scr='http://www.osgi.org/xmlns/scr/v1.3.0' name='" + type.getSimpleName()
                + "' " + attributes + "><implementation class='" + type.getName() + "'/>" + content
                + "</scr:component>";
        entries.put(file, xml.getBytes(StandardCharsets.UTF_8));
        String declared = manifest.getMainAttributes().getValue("Service-Component");
        return with(type).header("Service-Component", declared == null ? file : declared + "," + file);
    }

    private TestJar with(Class<?> type) throws IOException {
        String file = type.getName().replace('.', '/') + ".class";
        try (InputStream in = type.getResourceAsStream("/" + file)) {
            entries.put(file, in.readAllBytes());
        }
        return this;
    }

    byte[] bytes() throws IOException {
        ByteArrayOutputStream jar = new ByteArrayOutputStream();
        try (JarOutputStream out = new JarOutputStream(jar, manifest)) {
            for (Map.Entry<String, byte[]> entry : entries.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                out.write(entry.getValue());
                out.closeEntry();
            }
        }
        return jar.toByteArray();
    }
}
