package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a manifest asks for binds: how many calls run and wait, what the operator grants, which modules are linked. */
@Timeout(300)
class LimitedPluginIT {

    @TempDir
    private Path dir;

    @Test
    void callsPastTheQueue_areBusyWhileOthersWait() throws IOException {
        Path manifest = Files.writeString(
                dir.resolve("one-at-once.json"),
                "{\"name\":\"one at once\",\"plugin_type\":\"wasm\","
                        + "\"limits\":{\"timeout_ms\":3000,\"max_concurrency\":1,\"queue\":1}}");
        List<Client> clients = new ArrayList<>();
        try (Daemon daemon = Home.in(Files.createDirectory(dir.resolve("home"))).start()) {
            assertThat(daemon.ask(Client.load(TestPlugins.sandbox("faults.wasm"), manifest, "single")))
                    .contains("\"ok\":true");
            for (int i = 0; i < 4; i++) {
                clients.add(daemon.connect());
                clients.get(i).send(Client.invoke("single", "loop", ""));
            }
            List<String> codes = new ArrayList<>();
            for (Client client : clients) {
                JsonNode reply = Client.json(client.receive());
                codes.add(reply.path("code").textValue());
                assertThat(reply.path("retry").booleanValue())
                        .as(reply.toString())
                        .isEqualTo(reply.path("code").textValue().equals("busy"));
                client.close();
            }
            assertThat(codes).containsExactlyInAnyOrder("timeout", "timeout", "busy", "busy");
            // Room and queue are free again.
            assertThat(Client.json(daemon.ask(Client.invoke("single", "loop", "")))
                            .path("code")
                            .textValue())
                    .isEqualTo("timeout");
        }
    }

    @Test
    void grantedPlugin_comesBackAfterARestartWhileItIsGranted() throws IOException {
        Path manifest = Files.writeString(
                dir.resolve("asks.json"),
                "{\"name\":\"asks\",\"plugin_type\":\"wasm\",\"capabilities\":{\"env\":[\"TZ\"]}}");
        Home home = Home.in(Files.createDirectory(dir.resolve("home")));
        Path grants = home.config().resolve("grants.json");
        String load = Client.load(TestPlugins.example("hello.wasm"), manifest, null);
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(load))
                    .contains("asks for what no rule grants: env 'TZ'", grants.toString())
                    .endsWith("\"code\":\"capability_denied\"}");
            Files.writeString(
                    grants,
                    "{\"policy_version\":1,\"rules\":[{\"match\":{\"name\":\"asks\"},\"grant\":{\"env\":{\"TZ\":\"UTC\"}}}]}");
            assertThat(daemon.ask(load)).contains("\"ok\":true");
            daemon.kill();
        }
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Client.invoke("asks", "handle", "you"))).contains("Hello, you!");
            daemon.kill();
        }
        Files.delete(grants);
        try (Daemon daemon = home.start()) {
            Poll.until(Duration.ofSeconds(30), "the plugin is opened", () -> daemon.ask(Daemon.LIST)
                    .contains("\"state\":\"failed\""));
            assertThat(daemon.ask(Daemon.LIST)).contains("asks for what no rule grants: env 'TZ'");
        }
    }

    @Test
    void extismManifestWhoseFilesAreNotRight_isRefused() throws IOException {
        Path work = Files.createDirectory(dir.resolve("work"));
        Path main = Files.copy(TestPlugins.example("hello.wasm"), work.resolve("hello.wasm"));
        Path lib = Files.copy(TestPlugins.example("wordcount.wasm"), work.resolve("lib.wasm"));
        Path manifest = work.resolve("extism.json");
        Home home = Home.in(Files.createDirectory(dir.resolve("home")));
        try (Daemon daemon = home.start()) {
            Files.writeString(manifest, "{\"wasm\":[{\"path\":\"hello.wasm\",\"hash\":\"" + "0".repeat(64) + "\"}]}");
            assertThat(daemon.ask(Client.load(main, manifest, null)))
                    .contains("has the SHA-256 " + sha256(main), "the manifest expects 0000")
                    .endsWith("\"code\":\"plugin_invalid\"}");
            Files.writeString(
                    manifest,
                    "{\"wasm\":[{\"path\":\"lib.wasm\",\"hash\":\"" + sha256(lib)
                            + "\"},{\"path\":\"gone.wasm\"},{\"path\":\"hello.wasm\",\"name\":\"main\"}]}");
            assertThat(daemon.ask(Client.load(main, manifest, null)))
                    .contains(work.resolve("gone.wasm") + " does not exist")
                    .endsWith("\"code\":\"path_invalid\"}");
            assertThat(home.state().resolve("store")).isEmptyDirectory();
        }
    }

    private static String sha256(Path file) throws IOException {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
