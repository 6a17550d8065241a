package org.circleosd.pluginmanager.itest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;

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

    /**
     * Like {@link #kit}, and its {@code wait} can open FIFOs of the folder: the manifest asks for that and the operator
     * grants it. The process of the plugin is another user, who has to be let in.
     *
     * @param config of the daemon that will load it
     */
    static Path waitingKit(Path folder, Path config) throws IOException {
        Path library = kit(folder);
        Path manifest = folder.resolve("kit.json");
        Files.writeString(
                manifest,
                Files.readString(manifest)
                        .replace(
                                "\"limits\"",
                                "\"capabilities\": {\"fs\": [{\"name\": \"fifos\", \"access\": \"ro\"}]},\n  \"limits\""));
        Files.writeString(
                config.resolve("grants.json"),
                "{\"policy_version\":1,\"rules\":[{\"match\":{\"name\":\"kit\"},\"grant\":{\"fs\":{\"fifos\":"
                        + "{\"access\":\"ro\",\"path\":\"" + folder.toRealPath() + "\"}}}}]}");
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwxr-xr-x"));
        return library;
    }

    private static Path existing(Path file) {
        if (!Files.exists(file)) {
            throw new AssertionError("there is no " + file);
        }
        return file;
    }
}
