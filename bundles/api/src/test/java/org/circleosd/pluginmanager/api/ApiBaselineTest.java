package org.circleosd.pluginmanager.api;

import static org.assertj.core.api.Assertions.assertThat;

import aQute.bnd.differ.Baseline;
import aQute.bnd.differ.DiffPluginImpl;
import aQute.bnd.osgi.Builder;
import aQute.bnd.osgi.Jar;
import aQute.bnd.osgi.Processor;
import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Compares the api with the one last released, {@code src/test/baseline/api.jar}: a changed package must carry the
 * version that semantic versioning asks for, or bundles of others would resolve against what they cannot use.
 */
class ApiBaselineTest {

    private static final Path CLASSES = Path.of("target/classes");

    @Test
    void changedPackage_carriesItsVersion(@TempDir Path dir) throws Exception {
        assertThat(mismatches(CLASSES)).isEmpty();
    }

    @Test
    void removedType_isNoticed(@TempDir Path dir) throws Exception {
        Path copy = dir.resolve("classes");
        assertThat(new ProcessBuilder("cp", "-r", CLASSES.toString(), copy.toString())
                        .start()
                        .waitFor())
                .isZero();
        Files.delete(copy.resolve("org/circleosd/pluginmanager/api/Sha256.class"));
        assertThat(mismatches(copy)).anyMatch(text -> text.contains("org.circleosd.pluginmanager.api:"));
    }

    private static List<String> mismatches(Path classes) throws Exception {
        try (Builder builder = new Builder();
                Processor processor = new Processor();
                Jar released = new Jar(new File("src/test/baseline/api.jar"))) {
            builder.addClasspath(classes.toFile());
            builder.setBundleSymbolicName("org.circleosd.pluginmanager.api");
            builder.setProperty("Bundle-Version", released.getVersion());
            builder.setProperty("Export-Package", "org.circleosd.pluginmanager.api.*");
            Jar current = builder.build();
            return new Baseline(processor, new DiffPluginImpl())
                    .baseline(current, released, null).stream()
                            .filter(info -> info.mismatch)
                            .map(info -> info.packageName + ": is " + info.newerVersion + ", must be at least "
                                    + info.suggestedVersion)
                            .toList();
        }
    }
}
