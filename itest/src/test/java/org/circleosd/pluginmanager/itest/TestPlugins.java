package org.circleosd.pluginmanager.itest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

/** Plugin files that tests load. The source of each lies beside it. */
final class TestPlugins {

    private TestPlugins() {}

    /** An example of the distribution, as {@code hello.wasm}. */
    static Path example(String file) {
        return existing(Daemon.DISTRIBUTION.resolve("plugins").resolve(file));
    }

    /** A test plugin of the sandbox, as {@code faults.wasm}. */
    static Path sandbox(String file) {
        return existing(
                Daemon.PROJECT.resolve("bundles/sandbox/src/test/plugins").resolve(file));
    }

    /** A file of the project's own examples that the distribution leaves out, as {@code spin/spin.wasm}. */
    static Path source(String file) {
        return existing(Daemon.PROJECT.resolve("plugins").resolve(file));
    }

    /** Compiles {@code kit.c}, a native plugin, into a folder, with its manifest. */
    static Path kit(Path folder) throws IOException {
        Files.copy(
                Daemon.PROJECT.resolve("itest/src/test/plugins/kit.json"),
                folder.resolve("kit.json"),
                StandardCopyOption.REPLACE_EXISTING);
        return Commands.compile("kit", folder);
    }

    private static Path existing(Path file) {
        if (!Files.exists(file)) {
            throw new AssertionError("there is no " + file);
        }
        return file;
    }
}
