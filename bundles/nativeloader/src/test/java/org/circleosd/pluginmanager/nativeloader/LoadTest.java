package org.circleosd.pluginmanager.nativeloader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.circleosd.pluginmanager.nativeloader.plugin.NativeLibraryNames;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LoadTest {

    @TempDir
    private Path folder;

    private final Runtimes.Lines log = new Runtimes.Lines();
    private NativeRuntime runtime;

    @BeforeEach
    void start() throws Exception {
        runtime = Runtimes.start(folder.resolve("copies"));
    }

    @AfterEach
    void stop() throws Exception {
        runtime.close();
        try (Stream<Path> copies = Files.list(folder.resolve("copies"))) {
            assertThat(copies).noneMatch(copy -> copy.toString().endsWith(NativeLibraryNames.suffix()));
        }
    }

    @Test
    void seedForm_logsWhatItsInitPrints() throws Exception {
        load(CLibrary.compileResource(folder, "seed"), "").close();
        assertThat(log.lines).containsExactly("init ran", "second line");
    }

    @Test
    void entry_namesAnotherInit() throws Exception {
        load(CLibrary.compileResource(folder, "seed"), "other_init").close();
        assertThat(log.lines).containsExactly("other init ran");
    }

    @Test
    void voidFunctionOfSeedForm_answersWhatItPrinted() throws Exception {
        try (LoadedPlugin seed = load(CLibrary.compileResource(folder, "seed"), "")) {
            assertThat(Runtimes.invoke(seed, "other_init", "")).isEqualTo("other init ran\n");
            assertThat(Runtimes.invoke(seed, "plugin_init", "")).isEqualTo("init ran\nsecond line");
        }
        assertThat(log.lines).containsExactly("init ran", "second line");
    }

    @Test
    void selftestWithAnotherAnswer_refusesThePlugin() throws Exception {
        Path library = CLibrary.compileResource(folder, "seed");
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> Runtimes.load(
                        runtime, library, Runtimes.tested("other_init", "x"), InvocationLimits.DEFAULT, log))
                .withMessage("the manifest's selftest 'other_init' answered 'other init ran?'; expected 'x'")
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.PLUGIN_FAILED);
    }

    @Test
    void selftestWithTheExpectedAnswer_letsThePluginTakeCalls() throws Exception {
        Path library = CLibrary.compileResource(folder, "seed");
        try (LoadedPlugin seed = Runtimes.load(
                runtime, library, Runtimes.tested("other_init", "other init ran\n"), InvocationLimits.DEFAULT, log)) {
            assertThat(Runtimes.invoke(seed, "other_init", "")).isEqualTo("other init ran\n");
        }
    }

    @Test
    void seedFormThatPrintsMoreThanItsLimit_isTooLarge() throws Exception {
        Path library = CLibrary.compileResource(folder, "seed");
        InvocationLimits limits = Runtimes.limits(Duration.ofSeconds(20), 14);
        try (LoadedPlugin seed = Runtimes.load(runtime, library, Runtimes.manifest(""), limits, log)) {
            assertThatExceptionOfType(PluginException.class)
                    .isThrownBy(() -> Runtimes.invoke(seed, "other_init", ""))
                    .withMessage("'other_init' gave 15 bytes; its limit is 14")
                    .extracting(PluginException::code)
                    .isEqualTo(ErrorCode.TOO_LARGE);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"no_such_function", "abort"})
    void functionThatTheSeedFormDoesNotExport_isNotFoundWithTheExports(String function) throws Exception {
        try (LoadedPlugin seed = load(CLibrary.compileResource(folder, "seed"), "")) {
            assertThatExceptionOfType(PluginException.class)
                    .isThrownBy(() -> Runtimes.invoke(seed, function, ""))
                    .withMessage("'" + function + "': seed.so has no such function; it exports other_init, plugin_init")
                    .extracting(PluginException::code)
                    .isEqualTo(ErrorCode.FUNCTION_NOT_FOUND);
        }
    }

    @Test
    void pluginWithoutInvoke_saysThatNoneOfItsFunctionsCanBeCalled() throws Exception {
        Path library = CLibrary.compile(
                folder, "p", "#include \"plugin.h\"\nvoid plugin_shutdown(void) {} void other(void) {}");
        try (LoadedPlugin plugin = load(library, "")) {
            assertThatExceptionOfType(PluginException.class)
                    .isThrownBy(() -> Runtimes.invoke(plugin, "other", ""))
                    .withMessageContaining("p.so exports no plugin_invoke")
                    .extracting(PluginException::code)
                    .isEqualTo(ErrorCode.FUNCTION_NOT_FOUND);
        }
    }

    @Test
    void missingEntry_isRefusedWithTheExports() throws Exception {
        assertRefused(
                CLibrary.compileResource(folder, "seed"),
                "no_such_init",
                ErrorCode.PLUGIN_INVALID,
                "seed.so: exports no function 'no_such_init', which the manifest's entry names; it exports other_init, plugin_init");
    }

    @Test
    void entryOfTheCLibrary_isNotTakenForThePlugins() throws Exception {
        assertRefused(
                CLibrary.compileResource(folder, "seed"),
                "abort",
                ErrorCode.PLUGIN_INVALID,
                "exports no function 'abort'");
    }

    @Test
    void libraryThatIsNoPlugin_isRefusedWithTheExports() throws Exception {
        assertRefused(
                CLibrary.compile(folder, "other", "int add(int a, int b) { return a + b; }"),
                "",
                ErrorCode.PLUGIN_INVALID,
                "other.so: exports neither plugin_init nor plugin_invoke; it exports add");
    }

    static Stream<Arguments> refusals() {
        return Stream.of(
                Arguments.of(
                        "uint32_t plugin_abi(void) { return 2u << 16 | 3u; }",
                        ErrorCode.INCOMPATIBLE,
                        "p.so: made for native ABI 2.3; this host has 1.0"),
                Arguments.of(
                        "int32_t plugin_attach(const plugin_host *h) { (void)h; return 9; }",
                        ErrorCode.PLUGIN_ERROR,
                        "p.so: refuses this host: plugin_attach answered 9"),
                Arguments.of(
                        "int32_t plugin_attach(const plugin_host *h) { (void)h; return PLUGIN_E_ABI; }",
                        ErrorCode.INCOMPATIBLE,
                        "plugin_attach answered -5 (ABI not supported)"),
                Arguments.of(
                        "extern void nowhere(void); void plugin_init(void) { nowhere(); }",
                        ErrorCode.PLUGIN_INVALID,
                        "p.so: undefined symbol: nowhere"));
    }

    @ParameterizedTest
    @MethodSource("refusals")
    void pluginThatDoesNotFit_isRefusedWithTheReason(String source, ErrorCode code, String message) throws Exception {
        Path library = CLibrary.compile(folder, "p", "#include \"plugin.h\"\n" + source);
        assertRefused(library, "", code, message);
    }

    @Test
    void refusedAttach_runsNeitherInitNorShutdown() throws Exception {
        Path library = CLibrary.compile(folder, "p", """
                #include <stdio.h>
                #include "plugin.h"
                int32_t plugin_attach(const plugin_host *h) { (void)h; puts("attach"); return 1; }
                void plugin_init(void) { puts("init"); }
                void plugin_shutdown(void) { puts("shutdown"); }
                """);
        assertThatExceptionOfType(PluginException.class).isThrownBy(() -> load(library, ""));
        assertThat(log.lines).containsExactly("attach");
    }

    @Test
    void missingDependency_isNamed() throws Exception {
        Path needed = CLibrary.compile(folder, "libneeded", "int needed(void) { return 1; }");
        Path library = CLibrary.compile(
                folder,
                "p",
                "extern int needed(void); void plugin_init(void) { needed(); }",
                "-L" + folder,
                "-Wl,-soname,p.so",
                "-l:" + needed.getFileName());
        assertRefused(library, "", ErrorCode.PLUGIN_INVALID, "a library that it needs was not found: libneeded.so");
    }

    @Test
    void truncatedLibrary_isRefusedBeforeItCouldKillTheProcess() throws Exception {
        Path library = CLibrary.compileResource(folder, "kit");
        byte[] whole = Files.readAllBytes(library);
        Files.write(library, Arrays.copyOf(whole, whole.length / 2));
        assertRefused(library, "", ErrorCode.PLUGIN_INVALID, "kit.so: truncated");
    }

    @Test
    void sameLibraryTwice_hasItsOwnStateEachTime() throws Exception {
        Path library = CLibrary.compileResource(folder, "kit");
        try (LoadedPlugin first = load(library, "");
                LoadedPlugin second = load(library, "")) {
            assertThat(Runtimes.invoke(first, "count", "")).isEqualTo("1");
            assertThat(Runtimes.invoke(first, "count", "")).isEqualTo("2");
            assertThat(Runtimes.invoke(second, "count", "")).isEqualTo("1");
        }
    }

    @Test
    void librariesThatExportTheSameSymbol_callTheirOwn() throws Exception {
        try (LoadedPlugin first = load(sharing("first"), "");
                LoadedPlugin second = load(sharing("second"), "")) {
            assertThat(Runtimes.invoke(first, "f", "")).isEqualTo("first");
            assertThat(Runtimes.invoke(second, "f", "")).isEqualTo("second");
        }
    }

    @Test
    void operatorsFile_mayBeOverwrittenWhileItIsLoaded() throws Exception {
        Path library = CLibrary.compileResource(folder, "kit");
        try (LoadedPlugin plugin = load(library, "")) {
            Files.write(library, new byte[] {1});
            assertThat(Runtimes.invoke(plugin, "echo", "still here")).isEqualTo("still here");
        }
    }

    @Test
    void uselessDescription_isNotedAndThePluginRuns() throws Exception {
        Path library = CLibrary.compile(folder, "p", """
                #include "plugin.h"
                const char *plugin_describe(void) { return "{\\"functions\\": nonsense"; }
                int32_t plugin_invoke(const char *f, const uint8_t *in, size_t n, uint8_t **out, size_t *m) {
                    (void)f; (void)in; (void)n; *out = (uint8_t *)"yes"; *m = 3; return PLUGIN_OK;
                }
                """);
        try (LoadedPlugin plugin = load(library, "")) {
            assertThat(plugin.functions()).isEmpty();
            assertThat(Runtimes.invoke(plugin, "f", "")).isEqualTo("yes");
        }
        assertThat(log.lines)
                .singleElement()
                .asString()
                .startsWith("[warn] plugin_describe gave no usable description");
    }

    @Test
    void initThatDoesNotEnd_isATimeoutAndTheNextPluginLoads() throws Exception {
        Path fifo = folder.resolve("fifo");
        CLibrary.run(List.of("mkfifo", fifo.toString()));
        Path library = CLibrary.compile(folder, "p", """
                #include <fcntl.h>
                #include <unistd.h>
                void plugin_init(void) { close(open("%s", O_RDONLY)); }
                """.formatted(fifo));
        InvocationLimits hasty = Runtimes.limits(Duration.ofMillis(1000), 1 << 20);
        NativeRuntime impatient = Runtimes.start(folder.resolve("copies"), Map.of("shutdown_ms", 50));
        try {
            assertThatExceptionOfType(PluginException.class)
                    .isThrownBy(() -> Runtimes.load(impatient, library, Runtimes.manifest(""), hasty, log))
                    .withMessage("the plugin's initialisation did not end within 1000 ms")
                    .extracting(PluginException::code)
                    .isEqualTo(ErrorCode.TIMEOUT);
            try (LoadedPlugin next = Runtimes.load(impatient, CLibrary.compileResource(folder, "kit"))) {
                assertThat(Runtimes.invoke(next, "echo", "x")).isEqualTo("x");
            }
        } finally {
            Files.newOutputStream(fifo).close();
            impatient.close();
        }
    }

    private Path sharing(String answer) throws Exception {
        return CLibrary.compile(folder, answer, """
                #include <string.h>
                #include "plugin.h"
                const char *name(void);
                const char *name(void) { return "%s"; }
                int32_t plugin_invoke(const char *f, const uint8_t *in, size_t n, uint8_t **out, size_t *m) {
                    (void)f; (void)in; (void)n; *out = (uint8_t *)name(); *m = strlen(name()); return PLUGIN_OK;
                }
                """.formatted(answer));
    }

    private LoadedPlugin load(Path library, String entry) throws Exception {
        return Runtimes.load(runtime, library, Runtimes.manifest(entry), InvocationLimits.DEFAULT, log);
    }

    private void assertRefused(Path library, String entry, ErrorCode code, String message) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> load(library, entry))
                .withMessageContaining(message)
                .extracting(PluginException::code)
                .isEqualTo(code);
    }
}
