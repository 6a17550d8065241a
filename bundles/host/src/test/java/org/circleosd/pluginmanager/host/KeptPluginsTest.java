package org.circleosd.pluginmanager.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.Sha256;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class KeptPluginsTest {

    @TempDir
    Path dir;

    @AutoClose
    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = TestHost.open(dir);
    }

    @Test
    void linkedModules_areKeptWithThePlugin() throws IOException {
        Files.createDirectories(dir.resolve("lib"));
        Path lib = Files.writeString(dir.resolve("lib/b.wasm"), "bytes of b");
        Path main = host.file("one.wasm");
        Files.writeString(
                dir.resolve("one.json"),
                "one\nb=lib/b.wasm " + Sha256.of("bytes of b".getBytes(UTF_8)) + "\na:bytes of a");
        host.plugins.load(LoadRequest.of(main));
        assertThat(host.runtime.linked).hasToString("{b=bytes of b, a=bytes of a}");
        assertThat(host.storedImages()).hasSize(3);

        Files.delete(lib);
        Files.delete(main);
        Files.writeString(dir.resolve("store").resolve("f".repeat(64)), "left over");
        host.runtime.linked = Map.of();
        host.reopen();
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        assertThat(host.runtime.linked).hasToString("{b=bytes of b, a=bytes of a}");
        assertThat(host.storedImages()).hasSize(3);

        host.plugins.unload(TestHost.ONE, false);
        assertThat(host.storedImages()).isEmpty();
    }

    @Test
    void moduleThatCannotBeLinked_leavesNothingBehind() throws IOException {
        Path main = host.file("one.wasm");
        host.file("b.wasm");
        for (String modules : List.of("b=b.wasm\nc=missing.wasm", "b=b.wasm " + "0".repeat(64))) {
            Files.writeString(dir.resolve("one.json"), "one\n" + modules);
            assertThatExceptionOfType(PluginException.class)
                    .isThrownBy(() -> host.plugins.load(LoadRequest.of(main)))
                    .withMessageMatching(
                            ".*missing.wasm does not exist|"
                                    + "the module 'b' of one.json has the SHA-256 [0-9a-f]{64}; the manifest expects 0{64}: .*");
            assertThat(host.plugins.set().list()).isEmpty();
            assertThat(host.storedImages()).isEmpty();
        }
    }

    @Test
    void keptPlugins_comeBackWithoutTheirFiles() throws IOException {
        Path file = host.file("one.wasm");
        PluginInfo before = host.plugins.load(LoadRequest.of(file));
        host.plugins.close();
        Files.delete(file);
        host.start(TestHost.LONG);
        host.plugins.bindState(host.state);
        assertThat(host.plugins.set().list()).extracting(PluginInfo::id).containsExactly(TestHost.ONE);
        CompletableFuture<String> early = CompletableFuture.supplyAsync(() -> host.invoke("hi"));
        host.plugins.bindRuntime(PluginType.WASM, host.runtime, 0);
        assertThat(early.join()).isEqualTo("r1:hi");
        assertThat(host.plugins.set().list()).containsExactly(before);
    }

    @Test
    void stateThatCannotBeRead_costsNoImages() throws IOException {
        host.plugins.load(LoadRequest.of(host.file("one.wasm")));
        PluginInfo before = host.plugins.set().list().get(0);
        host.plugins.close();
        Fakes.State damaged = new Fakes.State();
        damaged.readOnly = true;
        host.start(TestHost.LONG);
        host.plugins.bindState(damaged);
        host.plugins.bindRuntime(PluginType.WASM, host.runtime, 0);
        assertThat(host.plugins.set().list()).isEmpty();
        TestHost.assertCode(ErrorCode.STATE_READ_ONLY, () -> host.plugins.load(LoadRequest.of(host.file("one.wasm"))));
        host.plugins.close();

        host.start(TestHost.LONG);
        host.plugins.bindState(host.state);
        host.plugins.bindRuntime(PluginType.WASM, host.runtime, 0);
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        assertThat(host.plugins.set().list()).containsExactly(before);
    }

    @Test
    void keptPluginWithoutImage_isFailedAndTheRestRuns() throws IOException {
        host.plugins.load(LoadRequest.of(host.file("one.wasm")));
        host.plugins.load(LoadRequest.of(host.file("two.wasm")));
        host.plugins.close();
        for (Path image : host.storedImages()) {
            if (Files.readString(image).equals("one.wasm")) {
                Files.delete(image);
            }
        }
        host.start(TestHost.LONG);
        host.plugins.bindState(host.state);
        host.plugins.bindRuntime(PluginType.WASM, host.runtime, 0);
        TestHost.assertCode(ErrorCode.PLUGIN_FAILED, () -> host.invoke("hi"));
        assertThat(host.plugins.set().list().get(0).reason()).contains("missing from the store");
        Invocation call = new Invocation("echo", "hi".getBytes(StandardCharsets.UTF_8), Caller.local("test"));
        assertThat(new String(host.plugins.set().get(new PluginId("two")).invoke(call), StandardCharsets.UTF_8))
                .isEqualTo("r1:hi");
        host.plugins.unload(TestHost.ONE, false);
        assertThat(host.plugins.set().list()).hasSize(1);
    }
}
