package org.circleosd.pluginmanager.itest;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Two editions of a plugin, whose function {@code handle} answers {@code "world"} differently.
 *
 * @param id under which it is loaded
 */
record Editions(String id, Path first, String firstAnswer, Path second, String secondAnswer) {

    static Editions ofWasm() {
        return new Editions(
                "text", TestPlugins.example("hello.wasm"), "Hello, world!", TestPlugins.example("upper.wasm"), "WORLD");
    }

    static Editions ofNative(Path folder) throws IOException {
        return new Editions("edition", compiled(folder, "one"), "one", compiled(folder, "two"), "two");
    }

    /** Has the first edition loaded. */
    void load(Client client) throws IOException {
        String reply = client.ask(Client.load(first, null, id));
        if (!reply.contains("\"message\":\"loaded\"")) {
            throw new AssertionError(reply);
        }
    }

    String call() {
        return Client.invoke(id, "handle", "world");
    }

    String upgrade(Path path) {
        return new ObjectMapper()
                .createObjectNode()
                .put("action", "upgrade")
                .put("id", id)
                .put("path", path.toString())
                .toString();
    }

    String upgrade(Path path, Path manifest) {
        return new ObjectMapper()
                .createObjectNode()
                .put("action", "upgrade")
                .put("id", id)
                .put("path", path.toString())
                .put("manifest", manifest.toString())
                .toString();
    }

    /** Makes a request of an action that takes the id only. */
    String request(String action) {
        return "{\"action\":\"" + action + "\",\"id\":\"" + id + "\"}";
    }

    static String reply(String answer) {
        return "{\"ok\":true,\"message\":null,\"data\":{\"resp\":\"" + answer + "\"}}";
    }

    private static Path compiled(Path folder, String edition) throws IOException {
        Path library = folder.resolve("edition-" + edition + ".so");
        Commands.cc(
                Daemon.PROJECT.resolve("itest/src/test/plugins/edition.c"),
                library,
                "-fPIC",
                "-shared",
                "-DEDITION=\"" + edition + "\"");
        Files.writeString(
                folder.resolve("edition-" + edition + ".json"),
                "{\"name\":\"edition\",\"version\":\"" + (edition.equals("one") ? "1.0" : "2.0")
                        + "\",\"description\":\"\",\"plugin_type\":\"native\",\"entry\":\"plugin_init\"}");
        return library;
    }
}
