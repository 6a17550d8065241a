package org.circleosd.pluginmanager.launcher;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DistributionTest {

    @TempDir
    Path home;

    private Path bundles;

    @BeforeEach
    void makeFolders() throws IOException {
        bundles = Files.createDirectory(home.resolve("bundles"));
        for (String level : new String[] {"01", "02"}) {
            Path folder = Files.createDirectories(home.resolve("system").resolve(level));
            jar(folder.resolve("lib.jar"), "lib" + level, "1.0", 0);
        }
    }

    @Test
    void sameName_higherVersionWins() throws Exception {
        jar(bundles.resolve("a.jar"), "host", "1.10.0", 1);
        jar(bundles.resolve("b.jar"), "host;singleton:=true", "1.9.0", 2);
        assertThat(scan().bundles()).extracting(BundleJar::file).containsExactly(bundles.resolve("a.jar"));
    }

    @Test
    void sameNameAndVersion_laterFileWins() throws Exception {
        jar(bundles.resolve("a.jar"), "host", "1.0", 1);
        jar(bundles.resolve("b.jar"), "host", "1.0.0", 2);
        assertThat(scan().bundles()).extracting(BundleJar::file).containsExactly(bundles.resolve("b.jar"));
    }

    @Test
    void ourBundles_startInTheOrderOfTheirNeeds_othersFirst() throws Exception {
        jar(bundles.resolve("1.jar"), "org.circleosd.pluginmanager.deploy", "1.0", 1);
        jar(bundles.resolve("2.jar"), "org.circleosd.pluginmanager.host", "1.0", 1);
        jar(bundles.resolve("3.jar"), "org.circleosd.pluginmanager.state", "1.0", 1);
        jar(bundles.resolve("4.jar"), "com.example.runtime", "1.0", 1);
        assertThat(scan().bundles())
                .extracting(jar -> jar.file().getFileName().toString())
                .containsExactly("4.jar", "3.jar", "2.jar", "1.jar");
    }

    @Test
    void noBundleAndNoJar_areLeftOut() throws Exception {
        jar(bundles.resolve("a.jar"), "host", "1.0", 1);
        jar(bundles.resolve("plain.jar"), null, "1.0", 1);
        Files.writeString(bundles.resolve("half.jar"), "PK");
        assertThat(scan().bundles()).extracting(BundleJar::symbolicName).containsExactly("host");
    }

    @Test
    void folderWithoutBundles_saysWhatToDo() {
        assertThatExceptionOfType(StartException.class)
                .isThrownBy(this::scan)
                .withMessageContaining(bundles.toString())
                .withMessageContaining("build or copy it anew");
    }

    @Test
    void record_tellsAnotherDistributionApart() throws Exception {
        Path jar = jar(bundles.resolve("a.jar"), "host", "1.0", 1);
        InstalledRecord.write(home, InstalledRecord.of(scan()));
        assertThat(InstalledRecord.read(home)).isEqualTo(InstalledRecord.of(scan()));

        Files.setLastModifiedTime(jar, FileTime.fromMillis(77));
        assertThat(InstalledRecord.read(home)).isNotEqualTo(InstalledRecord.of(scan()));
    }

    @Test
    void noRecord_isEmpty() throws IOException {
        assertThat(InstalledRecord.read(home)).isEmpty();
    }

    private Distribution scan() throws StartException {
        return Distribution.scan(home, bundles, new KeptJars(home.resolve("state")));
    }

    private static Path jar(Path file, String symbolicName, String version, long modified) throws IOException {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        Map<String, String> own = symbolicName == null
                ? Map.of()
                : Map.of("Bundle-SymbolicName", symbolicName, "Bundle-Version", version);
        own.forEach(headers::putValue);
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file), manifest)) {
            out.finish();
        }
        Files.setLastModifiedTime(file, FileTime.fromMillis(modified));
        return file;
    }
}
