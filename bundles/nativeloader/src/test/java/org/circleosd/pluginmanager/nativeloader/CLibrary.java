package org.circleosd.pluginmanager.nativeloader;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.nativeloader.plugin.NativeLibraryNames;

/** Builds C into libraries, with the machine's own compiler. */
public final class CLibrary {

    public static final Path PLUGINS =
            Path.of("..", "..", "plugins").toAbsolutePath().normalize();

    private static final Sha256 ANY_DIGEST = new Sha256("0".repeat(64));

    private CLibrary() {}

    /** Compiles source text into {@code DIRECTORY/NAME.so}. */
    public static Path compile(Path directory, String name, String source, String... options) throws Exception {
        Path file = directory.resolve(name + ".c");
        Files.writeString(file, source);
        Path library = directory.resolve(name + NativeLibraryNames.suffix());
        List<String> command = new ArrayList<>(List.of("cc", "-shared", "-fPIC", "-pthread", "-o", library.toString()));
        command.addAll(List.of("-I", PLUGINS.resolve("include").toString(), file.toString()));
        command.addAll(List.of(options));
        run(command);
        return library;
    }

    /** Compiles a source of the test resources. */
    public static Path compileResource(Path directory, String name) throws Exception {
        try (InputStream source = CLibrary.class.getResourceAsStream("/native/" + name + ".c")) {
            return compile(directory, name, new String(source.readAllBytes(), StandardCharsets.UTF_8));
        }
    }

    /** Runs a command that has to succeed. */
    public static void run(List<String> command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
    }

    public static PluginImage image(Path library) throws IOException {
        return new PluginImage(ANY_DIGEST, library, Files.size(library), library);
    }
}
