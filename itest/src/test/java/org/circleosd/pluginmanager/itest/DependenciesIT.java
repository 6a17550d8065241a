package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Plugins that need, call and outlive each other, and what they keep. */
@Timeout(300)
class DependenciesIT {

    private static final Duration BOUND = Duration.ofSeconds(30);
    private static final Path SERVICES = TestPlugins.sandbox("services.wasm");

    @TempDir
    private Path dir;

    /** Asks the store for the key {@code a} through the shop. */
    private static final String GET = Client.invoke("shop", "call", "store get a");

    private static final String FOUND = "{\"ok\":true,\"message\":null,\"data\":{\"resp\":\"5 3 one\"}}";

    private Home home() throws IOException {
        Home home = Home.in(dir);
        Files.writeString(home.config().resolve("grants.json"), """
                {"policy_version": 1, "rules": [
                  {"match": {"name": "store"}, "grant": {"kv": {"quota_bytes": 1000}}},
                  {"match": {"name": "shop"}, "grant": {"call": ["store"]}}]}
                """);
        return home;
    }

    private static Path plugin(Path folder, String name, String members) throws IOException {
        Files.writeString(
                folder.resolve(name + ".json"),
                "{\"name\":\"" + name + "\",\"plugin_type\":\"wasm\",\"version\":\"1.4\"," + members + "}");
        return Files.copy(SERVICES, folder.resolve(name + ".wasm"));
    }

    private static Path store(Path folder) throws IOException {
        return plugin(folder, "store", "\"capabilities\":{\"kv\":{}}");
    }

    private static Path shop(Path folder) throws IOException {
        return plugin(folder, "shop", "\"dependencies\":{\"store\":\"^1.2\"},\"capabilities\":{\"call\":[\"store\"]}");
    }

    private static String put(String text) {
        return Client.invoke("store", "put", text);
    }

    @Test
    void pluginsThatNeedEachOther_areDroppedInAnyOrder() throws IOException {
        Home home = home();
        try (Daemon daemon = home.start()) {
            shop(home.plugins());
            Poll.until(BOUND, "the shop was refused", () -> home.logText().contains("needs plugin 'store' ^1.2"));
            assertThat(daemon.ask(GET)).contains("\"code\":\"plugin_not_found\"");

            store(home.plugins());

            Poll.until(BOUND, "both are there", () -> daemon.ask(GET).contains("\"resp\":\"3 -7 \""));
        }
    }

    @Test
    void callsOfPluginsByPlugins_goOnWhileTheSandboxIsReplacedAndAfterKillMinus9() throws Exception {
        Home home = home();
        try (Daemon daemon = home.start()) {
            Path store = store(dir);
            Path shop = shop(dir);
            assertThat(daemon.ask(Client.load(shop))).contains("\"code\":\"dependency_missing\"");
            assertThat(daemon.ask(Client.load(store))).contains("\"ok\":true");
            assertThat(daemon.ask(Client.load(shop))).contains("\"ok\":true");
            assertThat(daemon.ask(put("a=one"))).contains("\"resp\":\"0\"");
            assertThat(daemon.ask(GET)).isEqualTo(FOUND);
            assertThat(daemon.ask(Client.unload("store")))
                    .contains("plugin 'store' is needed by 'shop' (^1.2)")
                    .contains("\"code\":\"in_use\"");

            try (Load load = Load.start(daemon, 4, Map.of(GET, FOUND))) {
                for (int i = 0; i < 2; i++) {
                    Commands.Result update = daemon.shell("felix:update org.circleosd.pluginmanager.sandbox "
                            + Daemon.DISTRIBUTION
                                    .resolve("bundles/sandbox-0.1.0.jar")
                                    .toUri());
                    assertThat(update.status()).as(update.text()).isZero();
                    load.awaitCalls(100);
                }
                load.assertNothingFailed();
                System.out.println("update of sandbox under calls of plugins by plugins: " + load.summary());
            }
            daemon.kill();
        }
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(GET)).isEqualTo(FOUND);
            assertThat(daemon.ask(put("b=" + "x".repeat(1000)))).contains("\"resp\":\"-4\"");
            assertThat(daemon.ask(GET)).isEqualTo(FOUND);
        }
    }

    @Test
    void whatANeededPluginIsTakenFrom_isOutOfServiceUntilItIsBack() throws IOException {
        try (Daemon daemon = home().start()) {
            Path store = store(dir);
            assertThat(daemon.ask(Client.load(store))).contains("\"ok\":true");
            assertThat(daemon.ask(Client.load(shop(dir)))).contains("\"ok\":true");
            Path other = Files.writeString(
                    dir.resolve("other.json"),
                    "{\"name\":\"store\",\"plugin_type\":\"wasm\",\"version\":\"2\",\"capabilities\":{\"kv\":{}}}");
            String upgrade =
                    "{\"action\":\"upgrade\",\"id\":\"store\",\"path\":\"" + store + "\",\"manifest\":\"" + other;
            assertThat(daemon.ask(upgrade + "\"}"))
                    .contains("plugin 'shop' needs plugin 'store' ^1.2, and this is version 2")
                    .contains("\"code\":\"in_use\"");
            assertThat(daemon.ask(upgrade + "\",\"force\":true}")).contains("\"ok\":true");
            Poll.until(
                    BOUND, "the shop is out of service", () -> daemon.ask(GET).endsWith("\"code\":\"plugin_failed\"}"));
            assertThat(daemon.ask(put("a=one"))).contains("\"resp\":\"0\"");
            assertThat(daemon.ask("{\"action\":\"rollback\",\"id\":\"store\"}")).contains("\"ok\":true");
            Poll.until(BOUND, "the shop is back, and the value", () -> daemon.ask(GET)
                    .equals(FOUND));

            assertThat(daemon.ask("{\"action\":\"unload\",\"id\":\"store\",\"force\":true}"))
                    .contains("\"ok\":true");
            Poll.until(BOUND, "the shop is out of service", () -> daemon.ask(GET)
                    .contains("needs plugin 'store' ^1.2, which is not loaded"));
            assertThat(daemon.ask(Client.load(store))).contains("\"ok\":true");
            Poll.until(BOUND, "the shop is back", () -> daemon.ask(GET).contains("\"resp\":\"3 -7 \""));
        }
    }

    @Test
    void valuesOfAnExtismPlugin_outliveKillMinus9AndUpgrades() throws IOException {
        Home home = Home.in(dir);
        Files.writeString(
                home.config().resolve("grants.json"),
                "{\"policy_version\":1,\"rules\":[{\"match\":{\"name\":\"memo\"},\"grant\":{\"kv\":{}}}]}");
        Path manifest = Files.writeString(
                dir.resolve("memo.json"), "{\"name\":\"memo\",\"plugin_type\":\"wasm\",\"capabilities\":{\"kv\":{}}}");
        Path file = TestPlugins.sandbox("extism/services.wasm");
        try (Daemon daemon = home.start()) {
            assertThat(daemon.ask(Client.load(file, manifest, null))).contains("\"ok\":true");
            assertThat(daemon.ask(Client.invoke("memo", "set", "remember"))).contains("\"ok\":true");
            daemon.kill();
        }
        try (Daemon daemon = home.start()) {
            String kept = "\"resp\":\"remember\"";
            assertThat(daemon.ask(Client.invoke("memo", "get", ""))).contains(kept);
            assertThat(daemon.ask("{\"action\":\"upgrade\",\"id\":\"memo\",\"path\":\"" + file + "\",\"manifest\":\""
                            + manifest + "\"}"))
                    .contains("\"ok\":true");
            assertThat(daemon.ask(Client.invoke("memo", "get", ""))).contains(kept);
            assertThat(daemon.ask(Client.unload("memo"))).contains("\"ok\":true");
            assertThat(daemon.ask(Client.load(file, manifest, null))).contains("\"ok\":true");
            assertThat(daemon.ask(Client.invoke("memo", "get", ""))).contains("\"resp\":\"\"");
        }
    }
}
