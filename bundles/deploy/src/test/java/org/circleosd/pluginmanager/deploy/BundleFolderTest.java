package org.circleosd.pluginmanager.deploy;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.Arrays;
import java.util.Map;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.stream.Stream;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;

/** In a real framework, whose own bundle stands for the one that this code is in. */
@Timeout(60)
class BundleFolderTest {

    @TempDir
    Path temp;

    private Path folder;
    private Framework framework;
    private BundleFolder watched;
    /** Rises with each write, so that no two writes have the same time. */
    private long clock = 1_000;

    @BeforeEach
    void start() throws Exception {
        folder = Files.createDirectory(temp.resolve("bundles"));
        framework = new FrameworkFactory()
                .newFramework(Map.of(
                        Constants.FRAMEWORK_STORAGE,
                        temp.resolve("cache").toString(),
                        Constants.FRAMEWORK_BEGINNING_STARTLEVEL,
                        "3"));
        framework.start();
        restart();
    }

    @AfterEach
    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(10_000);
    }

    @Test
    void newJar_isInstalledAndStarted() throws IOException {
        write("a.jar", jar("a", "1.0", "one"));
        settle();
        assertThat(bundle("a").getState()).isEqualTo(Bundle.ACTIVE);
        assertThat(variant("a")).isEqualTo("one");
    }

    @Test
    void sameVersionWithOtherBytes_updatesInPlace() throws IOException {
        write("a.jar", jar("a", "1.0", "one"));
        settle();
        long id = bundle("a").getBundleId();
        write("a.jar", jar("a", "1.0", "two"));
        settle();
        assertThat(variant("a")).isEqualTo("two");
        assertThat(bundle("a").getBundleId()).isEqualTo(id);
        assertThat(bundle("a").getState()).isEqualTo(Bundle.ACTIVE);
    }

    @Test
    void higherVersionBesideTheOld_updates_andItsGoing_goesBack() throws IOException {
        write("a-1.jar", jar("a", "1.0", "one"));
        settle();
        write("a-2.jar", jar("a", "2.0", "two"));
        settle();
        assertThat(variant("a")).isEqualTo("two");
        Files.delete(folder.resolve("a-2.jar"));
        settle();
        assertThat(variant("a")).isEqualTo("one");
        assertThat(named("a")).hasSize(1);
    }

    @Test
    void lowerVersionBesideTheNew_changesNothing() throws IOException {
        write("a-2.jar", jar("a", "2.0", "two"));
        settle();
        write("a-1.jar", jar("a", "1.0", "one"));
        settle();
        assertThat(variant("a")).isEqualTo("two");
    }

    @Test
    void lastJarGoes_bundleGoes() throws IOException {
        write("a.jar", jar("a", "1.0", "one"));
        settle();
        Files.delete(folder.resolve("a.jar"));
        settle();
        assertThat(named("a")).isEmpty();
    }

    @Test
    void halfWrittenJar_leavesTheBundle_andIsTakenWhenItIsWhole() throws IOException {
        write("a.jar", jar("a", "1.0", "one"));
        settle();
        byte[] next = jar("a", "1.0", "two");
        write("a.jar", Arrays.copyOf(next, next.length / 2));
        settle();
        assertThat(variant("a")).isEqualTo("one");
        write("a.jar", next);
        settle();
        assertThat(variant("a")).isEqualTo("two");
    }

    @Test
    void olderJarBesideOneThatIsBeingWritten_doesNotComeBack() throws IOException {
        write("a-1.jar", jar("a", "1.0", "one"));
        write("a-2.jar", jar("a", "2.0", "two"));
        settle();
        write("a-2.jar", new byte[] {'P', 'K'});
        settle();
        assertThat(variant("a")).isEqualTo("two");
    }

    @Test
    void updateThatDoesNotStart_goesBackToTheOlderJar() throws IOException {
        write("a-1.jar", jar("a", "1.0", "one"));
        settle();
        write("a-2.jar", jar("a", "2.0", "two", "Import-Package", "nobody.has.it"));
        settle();
        settle();
        assertThat(variant("a")).isEqualTo("one");
        assertThat(bundle("a").getState()).isEqualTo(Bundle.ACTIVE);
    }

    @Test
    void newBundle_startsWhenWhatItNeedsComes() throws IOException {
        write("user.jar", jar("user", "1.0", "one", "Import-Package", "lib"));
        settle();
        assertThat(bundle("user").getState()).isEqualTo(Bundle.INSTALLED);
        write("lib.jar", jar("lib", "1.0", "one", "Export-Package", "lib"));
        settle();
        assertThat(bundle("user").getState()).isEqualTo(Bundle.ACTIVE);
    }

    @Test
    void jarThatIsNoBundle_isLeftAlone() throws IOException {
        write("plain.jar", jar(null, "1.0", "one"));
        settle();
        assertThat(framework.getBundleContext().getBundles()).hasSize(1);
    }

    @Test
    void restart_ofSameFiles_doesNothing_butTakesWhatChanged() throws IOException {
        write("a.jar", jar("a", "1.0", "one"));
        write("b.jar", jar("b", "1.0", "one"));
        settle();
        long before = bundle("a").getLastModified();
        write("b.jar", jar("b", "1.0", "two"));
        restart();
        settle();
        assertThat(bundle("a").getLastModified()).isEqualTo(before);
        assertThat(variant("b")).isEqualTo("two");
    }

    private void restart() throws IOException {
        watched = new BundleFolder(
                new WatchedFolder(folder),
                new InstalledRecord(temp.resolve("cache")),
                new InstalledBundles(framework.getBundleContext()));
    }

    /** Looks twice, so that all that changed before is settled. */
    private void settle() {
        watched.pass();
        watched.pass();
    }

    private Bundle bundle(String symbolicName) {
        return named(symbolicName).findFirst().orElseThrow();
    }

    private Stream<Bundle> named(String symbolicName) {
        return Stream.of(framework.getBundleContext().getBundles())
                .filter(bundle -> symbolicName.equals(bundle.getSymbolicName()));
    }

    private String variant(String symbolicName) {
        return bundle(symbolicName).getHeaders().get("X-Variant");
    }

    private void write(String name, byte[] content) throws IOException {
        Path file = Files.write(folder.resolve(name), content);
        Files.setLastModifiedTime(file, FileTime.fromMillis(clock++));
    }

    private static byte[] jar(String symbolicName, String version, String variant, String... headers)
            throws IOException {
        Manifest manifest = new Manifest();
        Attributes attributes = manifest.getMainAttributes();
        attributes.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        attributes.putValue("Bundle-ManifestVersion", "2");
        attributes.putValue("Bundle-Version", version);
        attributes.putValue("X-Variant", variant);
        if (symbolicName != null) {
            attributes.putValue("Bundle-SymbolicName", symbolicName);
        }
        for (int i = 0; i < headers.length; i += 2) {
            attributes.putValue(headers[i], headers[i + 1]);
        }
        ByteArrayOutputStream jar = new ByteArrayOutputStream();
        try (JarOutputStream out = new JarOutputStream(jar, manifest)) {
            out.finish();
        }
        return jar.toByteArray();
    }
}
