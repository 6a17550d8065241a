package org.circleosd.pluginmanager.nativeloader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class InvokeTest {

    @TempDir
    private static Path folder;

    private static Path library;

    private final Runtimes.Lines log = new Runtimes.Lines();
    private NativeRuntime runtime;
    private LoadedPlugin kit;

    @BeforeEach
    void load() throws Exception {
        if (library == null) {
            library = CLibrary.compileResource(folder, "kit");
        }
        runtime = Runtimes.start(folder.resolve("copies"));
        kit = Runtimes.load(
                runtime,
                library,
                Runtimes.manifest(Map.of("key", "value", "empty", "")),
                Runtimes.limits(Duration.ofSeconds(20), InvocationLimits.DEFAULT.outputBytes()),
                log);
    }

    @AfterEach
    void stop() {
        kit.close();
        runtime.close();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000, 65_530, 65_531, 65_532, 65_536, 1 << 20})
    void payload_comesBackByteForByte(int size) {
        byte[] payload = new byte[size];
        new Random(size).nextBytes(payload);
        assertThat(Runtimes.invoke(kit, "echo", payload)).isEqualTo(payload);
    }

    @Test
    void resultAboveTheLimit_isTooLarge() {
        assertFails(
                "echo",
                "x".repeat((1 << 20) + 1),
                ErrorCode.TOO_LARGE,
                "'echo' gave 1048577 bytes; its limit is 1048576");
    }

    @ParameterizedTest
    @CsvSource(
            quoteCharacter = '"',
            value = {
                "7 own trouble,   PLUGIN_ERROR,       \"'code' answered code 7: own trouble\"",
                "7,               PLUGIN_ERROR,       \"'code' answered code 7\"",
                "-1 größer,       PLUGIN_ERROR,       \"'code' answered code -1 (failed): größer\"",
                "-6,              PLUGIN_ERROR,       \"'code' answered code -6 (denied)\"",
                "-99 odd,         PLUGIN_ERROR,       \"'code' answered code -99: odd\"",
                "-2 not me,       FUNCTION_NOT_FOUND, \"the plugin has no function 'code': not me\"",
                "-3 not json,     BAD_REQUEST,        \"'code' does not take this payload: not json\"",
                "-4,              OUT_OF_MEMORY,      \"'code' ran out of memory\"",
                "-8,              CANCELLED,          \"'code' was cancelled\""
            })
    void errorCode_becomesItsFailureWithTheMessage(String payload, ErrorCode code, String message) {
        assertFails("code", payload, code, message);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "no such function", "ech", "echo ", "ÄÖÜ"})
    void unknownFunction_isNotFound(String function) {
        assertFails(function, "", ErrorCode.FUNCTION_NOT_FOUND, "the plugin has no function '" + function + "'");
    }

    @Test
    void functionWithNul_isNotTakenForItsStart() {
        assertFails("echo\0x", "", ErrorCode.FUNCTION_NOT_FOUND, "a function's name has no NUL character");
    }

    @Test
    void resultOfSomeBytesAtNull_isABrokenAbi() {
        assertFails(
                "null-result",
                "",
                ErrorCode.PLUGIN_ERROR,
                "'null-result' broke the ABI: it gave a result of 5 bytes at NULL");
    }

    @Test
    void described_functionsAreListedSorted() {
        assertThat(kit.functions()).containsExactly("echo", "upper");
    }

    @ParameterizedTest
    @CsvSource({"key,5 va-", "empty,0 ---", "missing,-7 ---"})
    void config_isCopiedIntoThePluginsBufferAndNotBeyond(String key, String answer) {
        assertThat(Runtimes.invoke(kit, "config", key)).isEqualTo(answer);
    }

    @Test
    void keyValueStoreWithoutItsGrant_isDeniedAndExtensionsAreUnknown() {
        assertThat(Runtimes.invoke(kit, "denied", "")).isEqualTo("-6 -6 1 64");
    }

    @Test
    void valuesOfAPluginWithTheGrant_areKept() throws Exception {
        TestContext context = new TestContext(log);
        try (LoadedPlugin keeper = Runtimes.loadKeeping(runtime, library, context)) {
            assertThat(Runtimes.invoke(keeper, "keep-get", "a")).isEqualTo("-7 ");
            assertThat(Runtimes.invoke(keeper, "keep-put", "a=longer than 8")).isEqualTo("0");
            assertThat(Runtimes.invoke(keeper, "keep-get", "a")).isEqualTo("13 longer t");
            assertThat(Runtimes.invoke(keeper, "keep-put", "b=")).isEqualTo("0");
            assertThat(context.kept()).containsOnlyKeys("a", "b");
            assertThat(context.kept().get("a")).asString().isEqualTo("longer than 8");
            assertThat(Runtimes.invoke(keeper, "keep-get", "b")).isEqualTo("0 ");
            assertThat(Runtimes.invoke(keeper, "keep-put", "a")).isEqualTo("0");
            assertThat(context.kept()).containsOnlyKeys("b");
        }
    }

    @ParameterizedTest
    @CsvSource({"BAD_REQUEST,-3", "TOO_LARGE,-4", "PLUGIN_NOT_FOUND,-6", "STATE_CORRUPT,-1"})
    void valueThatTheHostRefuses_isACodeAndTheReasonIsInTheLog(ErrorCode refused, int code) throws Exception {
        TestContext context = new TestContext(log, new ConcurrentHashMap<>(), new ConcurrentHashMap<>(), refused);
        try (LoadedPlugin keeper = Runtimes.loadKeeping(runtime, library, context)) {
            assertThat(Runtimes.invoke(keeper, "keep-put", "a=b")).isEqualTo(Integer.toString(code));
            assertThat(Runtimes.invoke(keeper, "keep-get", "a")).isEqualTo(code + " ");
        }
        assertThat(log.lines).startsWith("[warn] kv_put: on purpose", "[warn] kv_get: on purpose");
    }

    @Test
    void hostLog_carriesItsLevel() {
        Runtimes.invoke(kit, "log", "it is bad");
        assertThat(log.lines).containsExactly("[error] it is bad");
    }

    @Test
    void hostLog_isBounded() {
        Runtimes.invoke(kit, "log", "x".repeat(100_000));
        assertThat(log.lines)
                .singleElement()
                .asString()
                .hasSize(8 + 65_536 + 12)
                .endsWith("x [truncated]");
    }

    @Test
    void calls_runOnOneThread() throws Exception {
        Runtimes.invoke(kit, "thread", "");
        CountDownLatch done = new CountDownLatch(4);
        for (int i = 0; i < 4; i++) {
            Thread caller = new Thread(() -> {
                for (int call = 0; call < 50; call++) {
                    if (!Runtimes.invoke(kit, "thread", "").equals("same")) {
                        return;
                    }
                }
                done.countDown();
            });
            caller.start();
        }
        done.await();
    }

    @Test
    void callAfterClose_isRefused() {
        kit.close();
        assertFails("echo", "", ErrorCode.PLUGIN_FAILED, "native plugin 'fixture' is closed; load it again");
    }

    private void assertFails(String function, String payload, ErrorCode code, String message) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> Runtimes.invoke(kit, function, payload))
                .withMessage(message)
                .extracting(PluginException::code)
                .isEqualTo(code);
    }
}
