package org.circleosd.pluginmanager.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.atomic.AtomicInteger;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What plugins keep, and how they call others. */
@Timeout(120)
class ServicesTest {

    private final Plugins plugins = new Plugins();

    @AfterEach
    void close() {
        plugins.close();
    }

    private LoadedPlugin granted() {
        plugins.granting("kv", "{}");
        return plugins.load("services");
    }

    /** Has the host answer calls of other plugins so. */
    private void others(TestContext.OtherPlugins others) {
        plugins.context = new TestContext(plugins.log::add, others);
    }

    @Test
    void value_isKeptAndFoundAndDeleted() {
        LoadedPlugin plugin = granted();

        assertThat(Plugins.text(plugin, "get", "a")).isEqualTo("-7 ");
        assertThat(Plugins.text(plugin, "put", "a=one")).isEqualTo("0");
        assertThat(plugins.context.kept()).containsEntry("a", "one".getBytes(UTF_8));
        assertThat(Plugins.text(plugin, "get", "a")).isEqualTo("3 one");
        assertThat(Plugins.text(plugin, "put", "é=")).isEqualTo("0");
        assertThat(Plugins.text(plugin, "get", "é")).isEqualTo("0 ");
        assertThat(Plugins.text(plugin, "remove", "a")).isEqualTo("0");
        assertThat(plugins.context.kept()).containsOnlyKeys("é");
    }

    @Test
    void valueThatDoesNotFit_isCutAndItsWholeLengthTold() {
        plugins.context.kept().put("a", "longer".getBytes(UTF_8));

        assertThat(Plugins.text(granted(), "get_into_three_bytes", "a")).isEqualTo("6 -lon-");
    }

    @Test
    void keysThatAreNone_areBadArguments() {
        assertThat(Plugins.text(granted(), "odd_keys", "")).isEqualTo("-3-3-3-30");
        assertThat(plugins.context.kept()).containsOnlyKeys("k".repeat(255));
    }

    @Test
    void withoutTheGrant_valuesAreDenied() {
        LoadedPlugin plugin = plugins.load("services");

        assertThat(Plugins.text(plugin, "put", "a=one")).isEqualTo("-6");
        assertThat(Plugins.text(plugin, "get", "a")).isEqualTo("-6 ");
        assertThat(plugins.context.kept()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"BAD_REQUEST, -3", "TOO_LARGE, -4", "PLUGIN_NOT_FOUND, -6", "UNAVAILABLE, -10", "STATE_READ_ONLY, -1"})
    void valuesThatTheHostRefuses_areACodeAndALineOfTheLog(ErrorCode code, int number) {
        plugins.context = plugins.context.refusing(code);

        assertThat(Plugins.text(granted(), "put", "a=one")).isEqualTo(Integer.toString(number));
        assertThat(plugins.log).containsExactly("[warn] kv_put: on purpose");
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "2", "3", "4", "5", "6", "7", "8", "9"})
    void rangeOutsideTheMemory_isATrap(String which) {
        plugins.memoryBytes(64L << 20);
        Failures.assertFails(ErrorCode.PLUGIN_TRAP, () -> granted().invoke(Plugins.call("outside", which)))
                .contains("outside the plugin's memory of ");
    }

    @Test
    void guestWithoutStackLeft_trapsBeforeTheHostBegins() {
        LoadedPlugin plugin = granted();

        Failures.assertFails(ErrorCode.PLUGIN_TRAP, () -> plugin.invoke(Plugins.call("recurse", "")))
                .contains("call stack exhausted");
        assertThat(Plugins.text(plugin, "put", "a=still")).isEqualTo("0");
    }

    @Test
    void otherPlugin_isCalledAndAnswers() {
        others((plugin, function, payload) ->
                (plugin + "." + function + "(" + new String(payload, UTF_8) + ")").getBytes(UTF_8));
        LoadedPlugin plugin = plugins.load("services");

        assertThat(Plugins.text(plugin, "call", "other-1 handlé some text")).isEqualTo("26 other-1.handlé(some text)");
        assertThat(Plugins.text(plugin, "call", "other f ")).isEqualTo("9 other.f()");
        assertThat(Plugins.text(plugin, "result_without_call", "")).isEqualTo("0");
    }

    @ParameterizedTest
    @EnumSource(ErrorCode.class)
    void failureOfTheOther_isACodeWithItsText(ErrorCode code) {
        others((plugin, function, payload) -> {
            throw new PluginException(code, "on purpose");
        });
        LoadedPlugin plugin = plugins.load("services");

        if (code == ErrorCode.CANCELLED) {
            Failures.assertFails(code, () -> plugin.invoke(Plugins.call("call", "other f x")));
            assertThat(Thread.interrupted()).isTrue();
        } else {
            assertThat(Plugins.text(plugin, "call", "other f x"))
                    .matches("-[0-9]+ " + code.wireName() + ": on purpose")
                    .startsWith(number(code) + " ");
        }
    }

    private static int number(ErrorCode code) {
        return switch (code) {
            case FUNCTION_NOT_FOUND -> -2;
            case BAD_REQUEST -> -3;
            case OUT_OF_MEMORY, TOO_LARGE, LIMIT_EXCEEDED -> -4;
            case CAPABILITY_DENIED, FORBIDDEN -> -6;
            case PLUGIN_NOT_FOUND, DEPENDENCY_MISSING -> -7;
            case TIMEOUT -> -9;
            case BUSY, UNAVAILABLE, SHUTTING_DOWN -> -10;
            default -> -1;
        };
    }

    @Test
    void namesThatAreNone_reachNobody() {
        AtomicInteger calls = new AtomicInteger();
        others((plugin, function, payload) -> {
            calls.incrementAndGet();
            return payload;
        });

        assertThat(Plugins.text(plugins.load("services"), "odd_names", ""))
                .matches("-3 bad_request: expected .+-3 bad_request: id 'Other' .+-3 bad_request: expected .+");
        assertThat(calls).hasValue(0);
    }

    @Test
    void payload_isAsLongAsAnAnswerMayBe() {
        others((plugin, function, payload) -> Integer.toString(payload.length).getBytes(UTF_8));
        LoadedPlugin plugin = plugins.load("services");

        assertThat(Plugins.text(plugin, "call_with_large_payload", "0")).isEqualTo("5 65000");
        assertThat(Plugins.text(plugin, "call_with_large_payload", "1"))
                .startsWith("-4 too_large: the payload has 66000 bytes; at most 65536 are taken (limits.output_bytes");
    }

    @Test
    void selftest_putsNothing() {
        plugins.context.kept().put("a", "kept".getBytes(UTF_8));
        plugins.granting("kv", "{}");
        plugins.selftest("put", "a=tested", "0").warmUp("put", "a=warmed", 10);
        LoadedPlugin plugin = plugins.load("services");

        assertThat(Plugins.text(plugin, "get", "a")).isEqualTo("4 kept");
        assertThat(plugins.context.kept()).containsOnlyKeys("a");
    }

    @Test
    void selftest_callsOthers() {
        AtomicInteger calls = new AtomicInteger();
        others((plugin, function, payload) -> {
            calls.incrementAndGet();
            return payload;
        });
        plugins.selftest("call", "other f x", "1 x").load("services");

        assertThat(calls).hasValue(1);
    }

    @Test
    void extismPlugin_callsByHandles() {
        others((plugin, function, payload) ->
                (plugin + "." + function + "(" + new String(payload, UTF_8) + ")").getBytes(UTF_8));

        assertThat(Plugins.text(plugins.load("extism/services"), "call", "text"))
                .isEqualTo("other.handle(text)");
    }

    @Test
    void extismPlugin_findsWhyACallFailed() {
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> plugins.load("extism/services")
                        .invoke(Plugins.call("call", "text")))
                .isEqualTo("plugin_not_found: there is no plugin 'other'");
    }

    @Test
    void variablesOfAnExtismPluginWithTheGrant_areWhatTheHostKeeps() {
        plugins.granting("kv", "{}");
        LoadedPlugin plugin = plugins.load("extism/services");

        plugin.invoke(Plugins.call("set", "remember"));
        assertThat(plugins.context.kept()).containsEntry("v", "remember".getBytes(UTF_8));
        assertThat(Plugins.text(plugins.load("extism/services"), "get", "")).isEqualTo("remember");
        plugin.invoke(Plugins.call("remove", ""));
        assertThat(plugins.context.kept()).isEmpty();
        Failures.assertFails(ErrorCode.PLUGIN_ERROR, () -> plugin.invoke(Plugins.call("odd_name", "")))
                .contains("has to be UTF-8");
    }

    @Test
    void variablesOfAnExtismPluginWithoutTheGrant_areItsOwn() {
        LoadedPlugin plugin = plugins.load("extism/services");

        plugin.invoke(Plugins.call("set", "remember"));
        assertThat(Plugins.text(plugin, "get", "")).isEqualTo("remember");
        assertThat(plugins.context.kept()).isEmpty();
        assertThat(Plugins.text(plugins.load("extism/services"), "get", "")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"TOO_LARGE, PLUGIN_ERROR", "STATE_READ_ONLY, STATE_READ_ONLY", "UNAVAILABLE, UNAVAILABLE"})
    void variableThatIsNotKept_endsTheCall(ErrorCode found, ErrorCode told) {
        plugins.granting("kv", "{}");
        plugins.context = plugins.context.refusing(found);
        LoadedPlugin plugin = plugins.load("extism/services");

        Failures.assertFails(told, () -> plugin.invoke(Plugins.call("set", "x")))
                .contains("on purpose");
    }
}
