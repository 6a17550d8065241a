package org.circleosd.pluginmanager.deploy;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.jar.JarFile;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.osgi.framework.Bundle;

/** Makes a jar of what an installed bundle consists of; the framework does not give away the one that it was given. */
final class BundleContents {

    private BundleContents() {}

    static byte[] jar(Bundle bundle) throws IOException {
        Map<String, URL> entries = new LinkedHashMap<>();
        URL manifest = bundle.getEntry(JarFile.MANIFEST_NAME);
        if (manifest != null) {
            // Readers of a stream look for it at the start.
            entries.put(JarFile.MANIFEST_NAME, manifest);
        }
        Enumeration<URL> all = bundle.findEntries("/", "*", true);
        for (URL entry : all == null ? Collections.<URL>emptyList() : Collections.list(all)) {
            entries.putIfAbsent(entry.getPath().replaceFirst("^/", ""), entry);
        }
        ByteArrayOutputStream jar = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(jar)) {
            for (Map.Entry<String, URL> entry : entries.entrySet()) {
                out.putNextEntry(new ZipEntry(entry.getKey()));
                if (!entry.getKey().endsWith("/")) {
                    try (InputStream in = entry.getValue().openStream()) {
                        in.transferTo(out);
                    }
                }
                out.closeEntry();
            }
        }
        return jar.toByteArray();
    }
}
