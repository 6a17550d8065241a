package org.circleosd.pluginmanager.launcher;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With the record as the deploy bundle leaves it: at rest, and cut short. */
class KeptJarsTest {

    @TempDir
    Path dir;

    private Path bundles;
    private Path record;
    private KeptJars kept;
    private final Properties lines = new Properties();

    @BeforeEach
    void makeFolders() throws IOException {
        bundles = Files.createDirectory(dir.resolve("bundles"));
        record = Files.createDirectories(dir.resolve("state/bundles")).resolve("record");
        kept = new KeptJars(dir.resolve("state"));
    }

    @Test
    void noRecord_changesNothing() throws IOException {
        Path jar = jar("host.jar", "1.0");
        assertThat(started()).containsExactly(jar);
    }

    @Test
    void jarThatWasBeingTried_isLeftForTheOneInTheFolder() throws IOException {
        Path one = jar("host-1.jar", "1.0");
        keep(one);
        withhold("tried", jar("host-2.jar", "2.0"));
        assertThat(started()).containsExactly(one);
    }

    @Test
    void jarThatOverwroteTheGoodOne_isLeftForTheKeptOne() throws IOException {
        Path jar = jar("host.jar", "1.0");
        Path copy = keep(jar);
        withhold("bad", jar("host.jar", "2.0"));
        assertThat(started()).containsExactly(copy);
    }

    @Test
    void ruinedFile_isLeftForTheKeptOne() throws IOException {
        Path jar = jar("host.jar", "1.0");
        Path copy = keep(jar);
        Files.writeString(jar, "PK");
        assertThat(started()).containsExactly(copy);
    }

    @Test
    void brokenJarThatWasDeleted_leavesTheKeptOne() throws IOException {
        Path jar = jar("host.jar", "1.0");
        Path copy = keep(jar);
        withhold("gone", jar("host.jar", "2.0"));
        Files.delete(jar);
        assertThat(started()).containsExactly(copy);
    }

    @Test
    void goodJarThatWasDeleted_isNotBroughtBack() throws IOException {
        Path jar = jar("host.jar", "1.0");
        keep(jar);
        Files.delete(jar);
        assertThat(started()).isEmpty();
    }

    @Test
    void goodJarThatWasReplacedWhileNobodyWatched_isStarted() throws IOException {
        keep(jar("host.jar", "1.0"));
        Path next = jar("host.jar", "0.9");
        assertThat(started()).containsExactly(next);
    }

    @Test
    void newBundleThatHasNotComeUp_isNotStarted() throws IOException {
        withhold("waiting", jar("new.jar", "1.0"));
        assertThat(started()).isEmpty();
    }

    @Test
    void keptJarThatWasChanged_doesNotStandIn() throws IOException {
        Path jar = jar("host.jar", "1.0");
        Files.writeString(keep(jar), "changed");
        withhold("bad", jar("host.jar", "2.0"));
        assertThat(started()).isEmpty();
    }

    @Test
    void undoneTry_isBadAndToldLater() throws IOException {
        Path jar = jar("host.jar", "1.0");
        keep(jar);
        withhold("tried_again", jar("host.jar", "2.0"));
        kept.undo("host", "no sails");
        Properties now = new Properties();
        try (var in = Files.newBufferedReader(record)) {
            now.load(in);
        }
        assertThat(now)
                .containsEntry("withheld." + FileDigest.of(jar), "bad host no sails")
                .containsEntry("undone.host", "no sails");
    }

    private List<Path> started() throws IOException {
        List<BundleJar> found = new ArrayList<>();
        try (var files = Files.newDirectoryStream(bundles)) {
            for (Path file : files) {
                try {
                    BundleJar.read(file).ifPresent(found::add);
                } catch (IOException e) {
                    System.out.println(file + " is left out: " + e);
                }
            }
        }
        return BundleJar.newest(kept.replaceBroken(found, bundles)).stream()
                .map(BundleJar::file)
                .toList();
    }

    private Path keep(Path jar) throws IOException {
        String digest = FileDigest.of(jar);
        Path copy = Files.copy(jar, record.resolveSibling("host-" + digest.substring(0, 16) + ".jar"));
        note("kept.host", digest + " " + FileStamp.of(jar) + " " + jar);
        return copy;
    }

    private void withhold(String standing, Path jar) throws IOException {
        String bundle = jar.getFileName().toString().replaceFirst("[-.].*", "");
        note("withheld." + FileDigest.of(jar), standing + " " + bundle + " ");
    }

    private void note(String key, String value) throws IOException {
        lines.setProperty(key, value);
        try (Writer out = Files.newBufferedWriter(record)) {
            lines.store(out, null);
        }
    }

    private Path jar(String name, String version) throws IOException {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue("Bundle-SymbolicName", name.startsWith("new") ? "new" : "host");
        headers.putValue("Bundle-Version", version);
        Path file = bundles.resolve(name);
        try (JarOutputStream out = new JarOutputStream(Files.newOutputStream(file), manifest)) {
            out.finish();
        }
        return file;
    }
}
