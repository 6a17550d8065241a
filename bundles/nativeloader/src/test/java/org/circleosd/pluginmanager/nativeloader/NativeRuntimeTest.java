package org.circleosd.pluginmanager.nativeloader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginManifest;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.nativeloader.plugin.NativeLibraryNames;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class NativeRuntimeTest {

    @TempDir
    private Path folder;

    private final Runtimes.Lines log = new Runtimes.Lines();
    private NativeRuntime runtime;

    @BeforeEach
    void start() throws Exception {
        runtime = Runtimes.start(folder.resolve("copies"));
    }

    @AfterEach
    void stop() {
        runtime.close();
    }

    @Test
    void helloNative_greets() throws Exception {
        try (LoadedPlugin hello = loadExample("hello-native", Map.of())) {
            assertThat(hello.abi()).isEqualTo("native-1");
            assertThat(hello.functions()).containsExactly("handle");
            assertThat(hello.isolation()).containsExactly("in-process");
            assertThat(hello.details()).containsEntry("needs", "libc.so.6").containsEntry("writable code", "none");
            assertThat(Runtimes.invoke(hello, "handle", "world")).isEqualTo("Hello, world, from native code!");
            assertThat(Runtimes.invoke(hello, "handle", "")).isEqualTo("Hello, , from native code!");
        }
        assertThat(log.lines).containsExactly("[info] ready to greet", "[info] goodbye");
    }

    @Test
    void helloNative_withConfig_greetsWithIt() throws Exception {
        try (LoadedPlugin hello = loadExample("hello-native", Map.of("greeting", "Grüß Gott"))) {
            assertThat(Runtimes.invoke(hello, "handle", "world")).isEqualTo("Grüß Gott, world, from native code!");
        }
    }

    @Test
    void seedNative_runsItsInitOnceAndLogsWhatItPrints() throws Exception {
        try (LoadedPlugin seed = loadExample("seed-native", Map.of())) {
            assertThat(seed.abi()).isEqualTo("native-0");
            assertThat(seed.functions()).isEmpty();
            assertThat(log.lines).containsExactly("seed-native has started");
        }
    }

    @Test
    void libraryWithAnExecutableStack_isRefusedInTheDaemon() throws Exception {
        Path library = CLibrary.compile(folder, "stack", "void plugin_init(void) {}", "-Wl,-z,execstack");
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> Runtimes.load(runtime, library))
                .withMessageContaining("-z noexecstack");
    }

    @Test
    void loadedPlugin_leavesNoCopyBehind() throws Exception {
        try (LoadedPlugin seed = loadExample("seed-native", Map.of());
                Stream<Path> copies = Files.list(folder.resolve("copies"))) {
            assertThat(seed.abi()).isEqualTo("native-0");
            assertThat(copies).noneMatch(copy -> copy.toString().endsWith(NativeLibraryNames.suffix()));
        }
    }

    @Test
    void runtimeThatStops_closesItsPlugins() throws Exception {
        loadExample("hello-native", Map.of());
        runtime.close();
        assertThat(log.lines).contains("[info] goodbye");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "isolation | worker | isolation = worker: expected 'process' or 'in-process'",
                "worker | C | worker = C: expected 'auto' or 'c' or 'jvm'",
                "confinement | on | confinement = on: expected 'required' or 'best-effort' or 'off'",
                "users | 65000 | users = 65000: expected two numbers, as 65000-65499",
                "users | 0-9 | users = 0: expected 1 to 2147483647",
            })
    void settingThatIsNone_isRefusedWithWhatWouldBe(String key, String value, String message) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Runtimes.start(folder.resolve("other"), Map.of(key, value)))
                .withMessage("org.circleosd.pluginmanager.nativeloader.cfg: " + message + "; native plugins stay off");
    }

    @ParameterizedTest
    @CsvSource({"spares, 5", "crash_limit, 0", "restart_ms, 0", "max_threads, 0", "max_open_files, 31"})
    void numberOutOfRange_isRefused(String key, int value) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Runtimes.start(folder.resolve("other"), Map.of(key, value)))
                .withMessageContaining(key.replace('_', '.') + " = " + value + ": expected ");
    }

    @Test
    void pluginThatAsksForThisProcess_getsAnother_unlessTheOperatorSaysSo() throws Exception {
        try (var strict = new AutoCloseable() {
            final NativeRuntime runtime = Runtimes.start(folder.resolve("strict"), Map.of("isolation", "process"));

            @Override
            public void close() {
                runtime.close();
            }
        }) {
            Path library = CLibrary.compileResource(folder, "kit");
            LoadedPlugin plugin = Runtimes.load(strict.runtime, library);
            assertThat(plugin.isolation()).startsWith("process");
            assertThat(Runtimes.invoke(plugin, "echo", "hello")).isEqualTo("hello");
        }
    }

    @Test
    void pluginThatAsksForNothing_getsAProcess_alsoWhereTheOperatorAllowsMore() throws Exception {
        Path library = CLibrary.compileResource(folder, "kit");
        PluginManifest silent = PluginManifest.ofBase("kit", "1", "", PluginType.NATIVE, "");

        LoadedPlugin plugin = Runtimes.load(runtime, library, silent, InvocationLimits.DEFAULT, log);

        assertThat(plugin.isolation()).startsWith("process");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -1, 60_001})
    void shutdownOutOfRange_isRefused(int millis) {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Runtimes.start(folder.resolve("other"), Map.of("shutdown_ms", millis)))
                .withMessageContaining("1 to 60000");
    }

    private LoadedPlugin loadExample(String name, Map<String, String> config) throws Exception {
        CLibrary.run(List.of(CLibrary.PLUGINS.resolve(name).resolve("build").toString(), folder.toString()));
        Path library = folder.resolve(name + NativeLibraryNames.suffix());
        return Runtimes.load(runtime, library, Runtimes.manifest(config), InvocationLimits.DEFAULT, log);
    }
}
