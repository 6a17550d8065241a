package org.circleosd.pluginmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.sun.jna.Platform;
import java.io.IOException;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** Builds the C sources of the test resources into libraries, with the machine's own compiler. */
final class TestPlugins {

    private static final Path HEADERS =
            Path.of("..", "..", "plugins", "include").toAbsolutePath();

    private TestPlugins() {}

    /** Compiles {@code /worker/SOURCE.c} into {@code DIRECTORY/NAME.so}; each caller has a copy of its own. */
    static Path compile(Path directory, String source, String name, String... options) throws Exception {
        assumeThat(Platform.isWindows()).as("no C compiler is looked for").isFalse();
        Path library = directory.resolve(name + (Platform.isMac() ? ".dylib" : ".so"));
        List<String> command = new ArrayList<>(List.of("cc", "-shared", "-fPIC", "-O1", "-pthread", "-w"));
        command.addAll(List.of("-D_GNU_SOURCE", "-I", HEADERS.toString(), "-o", library.toString()));
        command.addAll(List.of(options));
        command.add(file(source).toString());
        run(command);
        return library;
    }

    private static Path file(String source) throws URISyntaxException {
        URL url = Objects.requireNonNull(TestPlugins.class.getResource("/worker/" + source + ".c"), source);
        return Path.of(url.toURI());
    }

    /** Runs a command that has to succeed. */
    static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
    }
}
