package org.circleosd.pluginmanager.api;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.jar.Attributes;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.apache.felix.framework.FrameworkFactory;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.osgi.framework.Bundle;
import org.osgi.framework.Constants;
import org.osgi.framework.launch.Framework;

/** In a real framework, with bundles of nothing. */
@Timeout(60)
class SuccessionTest {

    @TempDir
    Path temp;

    private final List<String> turns = new CopyOnWriteArrayList<>();
    private Framework framework;

    @BeforeEach
    void start() throws Exception {
        framework = new FrameworkFactory()
                .newFramework(Map.of(
                        Constants.FRAMEWORK_STORAGE, temp.resolve("cache").toString()));
        framework.start();
    }

    @AfterEach
    void stop() throws Exception {
        framework.stop();
        framework.waitForStop(10_000);
    }

    @Test
    void onlyVersion_hasItsTurnAtOnce() throws Exception {
        started("1.0");
        assertThat(turns).containsExactly("1.0");
    }

    @Test
    void laterVersion_waitsUntilTheEarlierHasStopped() throws Exception {
        Bundle first = started("1.0");
        started("2.0");
        assertThat(turns).containsExactly("1.0");
        first.uninstall();
        assertThat(turns).containsExactly("1.0", "2.0");
    }

    @Test
    void earlierVersionThatComesBack_waitsForTheLater() throws Exception {
        Bundle first = started("1.0");
        Bundle second = started("2.0");
        first.stop();
        begin(first);
        assertThat(turns).containsExactly("1.0", "2.0");
        second.stop();
        assertThat(turns).containsExactly("1.0", "2.0", "1.0");
    }

    @Test
    void threeVersions_followEachOtherAsTheyCame() throws Exception {
        Bundle first = started("1.0");
        Bundle second = started("2.0");
        started("3.0");
        second.stop();
        assertThat(turns).containsExactly("1.0");
        first.stop();
        assertThat(turns).containsExactly("1.0", "3.0");
    }

    @Test
    void componentThatIsBegunAnew_doesNotWaitForItself() throws Exception {
        Bundle only = started("1.0");
        await(only);
        assertThat(turns).containsExactly("1.0", "1.0");
    }

    @Test
    void otherPart_doesNotMatter() throws Exception {
        Bundle other = started("1.0");
        Succession.await(other.getBundleContext(), "another", () -> turns.add("another"));
        assertThat(turns).containsExactly("1.0", "another");
    }

    private Bundle started(String version) throws Exception {
        Manifest manifest = new Manifest();
        Attributes headers = manifest.getMainAttributes();
        headers.put(Attributes.Name.MANIFEST_VERSION, "1.0");
        headers.putValue(Constants.BUNDLE_MANIFESTVERSION, "2");
        headers.putValue(Constants.BUNDLE_SYMBOLICNAME, "part");
        headers.putValue(Constants.BUNDLE_VERSION, version);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        new JarOutputStream(bytes, manifest).close();
        Bundle bundle = framework
                .getBundleContext()
                .installBundle("part-" + version, new ByteArrayInputStream(bytes.toByteArray()));
        begin(bundle);
        return bundle;
    }

    private void begin(Bundle bundle) throws Exception {
        bundle.start();
        await(bundle);
    }

    private void await(Bundle bundle) {
        Succession.await(
                bundle.getBundleContext(),
                "part",
                () -> turns.add(bundle.getVersion().toString().replace(".0.0", ".0")));
    }
}
