package org.circleosd.pluginmanager.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.atomic.AtomicReference;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.StateStore.Change;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class PluginValuesTest {

    @TempDir
    Path dir;

    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = new TestHost(dir);
        host.open();
    }

    @AfterEach
    void close() {
        host.plugins.close();
    }

    @Test
    void putValue_isKeptWhenPutReturns() throws IOException {
        KeyValues values = load();
        assertThat(text(values, "a")).isNull();
        values.put("a", bytes("1"));
        assertThat(kept()).hasToString("{a=1}");
        assertThat(text(values, "a")).isEqualTo("1");
        values.put("a", bytes(""));
        assertThat(kept()).hasToString("{a=}");
        assertThat(text(values, "a")).isEmpty();
        values.put("a", null);
        assertThat(kept()).isEmpty();
        assertThat(text(values, "a")).isNull();
    }

    @Test
    void arraysOfThePlugin_areItsOwn() throws IOException {
        KeyValues values = load();
        byte[] put = bytes("1");
        values.put("a", put);
        put[0] = '2';
        byte[] got = values.get("a");
        assertThat(got).isNotNull();
        got[0] = '3';
        assertThat(text(values, "a")).isEqualTo("1");
        assertThat(kept()).hasToString("{a=1}");
    }

    @Test
    void gets_readTheStoreOnce() throws IOException {
        KeyValues values = load();
        values.put("a", bytes("1"));
        host.reopen();
        host.invoke("wait until it is back");
        values = latest();
        assertThat(text(values, "a")).isEqualTo("1");
        int reads = host.state.reads.get();
        for (int i = 0; i < 10; i++) {
            values.put("a", bytes("" + i));
            assertThat(text(values, "a")).isEqualTo("" + i);
            assertThat(text(values, "b")).isNull();
        }
        assertThat(host.state.reads).hasValue(reads);
    }

    @Test
    void valueThatIsThere_isNotWrittenAgain() throws IOException {
        KeyValues values = load();
        values.put("a", bytes("1"));
        int commits = host.state.commits.size();
        values.put("a", bytes("1"));
        values.put("b", null);
        assertThat(host.state.commits).hasSize(commits);
    }

    @Test
    void values_surviveRestartReplacementAndAnotherRuntime() throws IOException {
        load().put("a", bytes("1"));
        host.reopen();
        host.invoke("wait until it is back");
        assertThat(text(latest(), "a")).isEqualTo("1");

        host.plugins.replace(TestHost.ONE, LoadRequest.of(host.file("next.wasm")));
        assertThat(text(latest(), "a")).isEqualTo("1");
        latest().put("b", bytes("2"));

        Fakes.EchoRuntime other = new Fakes.EchoRuntime("r2");
        host.plugins.bindRuntime(PluginType.WASM, other, -1);
        host.plugins.unbindRuntime(PluginType.WASM, host.runtime);
        KeyValues values = other.contexts.get(0).values();
        assertThat(text(values, "a") + text(values, "b")).isEqualTo("12");
    }

    @Test
    void unload_deletesTheValuesInTheSameCommit() throws IOException {
        KeyValues values = load();
        values.put("a", bytes("1"));
        values.put("b", bytes("2"));

        host.plugins.unload(TestHost.ONE);

        List<Change> last = host.state.commits.get(host.state.commits.size() - 1);
        assertThat(last).extracting(Change::value).containsOnlyNulls();
        assertThat(last)
                .extracting(change -> change.bucket() + " " + change.key())
                .containsExactlyInAnyOrder("plugins one", "kv.one a", "kv.one b");
        assertCode(ErrorCode.PLUGIN_NOT_FOUND, () -> values.put("a", bytes("3")));
        assertCode(ErrorCode.PLUGIN_NOT_FOUND, () -> values.get("a"));
        assertThat(kept()).isEmpty();
    }

    @Test
    void unloadThatCannotBeKept_leavesTheValues() throws IOException {
        KeyValues values = load();
        values.put("a", bytes("1"));
        host.state.readOnly = true;
        assertCode(ErrorCode.STATE_READ_ONLY, () -> host.plugins.unload(TestHost.ONE));
        assertThat(text(values, "a")).isEqualTo("1");
        host.state.readOnly = false;
        values.put("a", bytes("2"));
        assertThat(kept()).hasToString("{a=2}");
    }

    @Test
    void nextPluginOfTheId_findsNothingOfTheLast() throws IOException {
        KeyValues former = load();
        former.put("a", bytes("1"));
        host.plugins.unload(TestHost.ONE);
        KeyValues values = load();
        assertThat(text(values, "a")).isNull();
        values.put("a", bytes("2"));
        assertCode(ErrorCode.PLUGIN_NOT_FOUND, () -> former.put("a", bytes("3")));
        assertThat(kept()).hasToString("{a=2}");
    }

    /** A record that cannot be read keeps its plugin from coming back, but not its values from being there. */
    @Test
    void valuesWithoutAPlugin_areDeletedWithTheNextLoad() throws IOException {
        host.state.commit(List.of(new Change("kv.one", "a", bytes("old")), new Change("kv.one", "b", bytes("old"))));
        List<@Nullable String> found = new ArrayList<>();
        host.runtime.opening = context -> {
            found.add(text(context.values(), "a"));
            context.values().put("b", bytes("new"));
        };
        KeyValues values = load();
        found.add(text(values, "a"));
        assertThat(found).containsOnlyNulls();
        assertThat(kept()).hasToString("{b=new}");
        assertThat(host.state.commits).hasSize(2);
    }

    @Test
    void valuesPutDuringTheLoad_areKeptWithTheRecord() throws IOException {
        List<@Nullable String> found = new ArrayList<>();
        host.runtime.opening = context -> {
            KeyValues values = context.values();
            values.put("a", bytes("1"));
            values.put("b", bytes("2"));
            values.put("b", null);
            found.add(text(values, "a"));
            found.add(text(values, "b"));
            assertThat(host.state.commits).isEmpty();
        };
        KeyValues values = load();
        assertThat(found).containsExactly("1", null);
        assertThat(text(values, "a")).isEqualTo("1");
        assertThat(kept()).hasToString("{a=1}");
        assertThat(host.state.commits).hasSize(1);
    }

    @Test
    void loadThatFails_keepsNothing() throws IOException {
        AtomicReference<KeyValues> refused = new AtomicReference<>();
        host.runtime.opening = context -> {
            refused.set(context.values());
            context.values().put("a", bytes("1"));
            throw new PluginException(ErrorCode.PLUGIN_TRAP, "no");
        };
        assertCode(ErrorCode.PLUGIN_TRAP, this::load);
        assertCode(ErrorCode.PLUGIN_NOT_FOUND, () -> refused.get().put("a", bytes("2")));
        assertCode(ErrorCode.PLUGIN_NOT_FOUND, () -> refused.get().get("a"));
        assertThat(kept()).isEmpty();
        host.runtime.opening = context -> {};
        assertThat(text(load(), "a")).isNull();
    }

    @Test
    void replacementThatFails_changesNoValue() throws IOException {
        KeyValues values = load();
        values.put("a", bytes("1"));
        host.runtime.opening = context -> {
            assertThat(text(context.values(), "a")).isEqualTo("1");
            context.values().put("a", bytes("2"));
            assertThat(text(context.values(), "a")).isEqualTo("2");
            throw new PluginException(ErrorCode.PLUGIN_TRAP, "no");
        };
        assertCode(
                ErrorCode.PLUGIN_TRAP,
                () -> host.plugins.replace(TestHost.ONE, LoadRequest.of(host.file("next.wasm"))));
        assertThat(text(values, "a")).isEqualTo("1");
        assertThat(kept()).hasToString("{a=1}");
    }

    @Test
    void replacement_sharesTheValuesWithCallsThatStillRunOnTheFormer() throws IOException {
        KeyValues former = load();
        host.runtime.opening = context -> context.values().put("a", bytes("next"));
        host.plugins.replace(TestHost.ONE, LoadRequest.of(host.file("next.wasm")));
        assertThat(text(former, "a")).isEqualTo("next");
        former.put("b", bytes("former"));
        assertThat(text(latest(), "b")).isEqualTo("former");
    }

    @Test
    void replacementThatWouldKeepTooMuch_isRefused() throws IOException {
        KeyValues values = load();
        host.runtime.opening = context -> {
            context.values().put("a", new byte[500]);
            // The former plugin goes on meanwhile.
            values.put("b", new byte[500]);
        };
        assertCode(
                ErrorCode.TOO_LARGE, () -> host.plugins.replace(TestHost.ONE, LoadRequest.of(host.file("next.wasm"))));
        assertThat(kept()).containsOnlyKeys("b");
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
    }

    /** The quota is 1,000 bytes; an entry counts 64 beside its key and value. */
    @ParameterizedTest
    @CsvSource({
        "'', 1000, 935, true",
        "'', 1000, 936, false",
        "{}, 1000, 936, false",
        "'{\"quota_bytes\":100}', 100, 35, true",
        "'{\"quota_bytes\":100}', 100, 36, false",
        "'{\"quota_bytes\":100000}', 1000, 935, true",
        "'{\"quota_bytes\":100000}', 1000, 1001, false",
    })
    void quota_bindsToTheByte(String grant, long quota, int valueBytes, boolean fits) throws IOException {
        host.trust.grants = grant.isEmpty() ? List.of() : List.of(new CapabilityGrant("kv", grant));
        KeyValues values = load();
        if (fits) {
            values.put("k", new byte[valueBytes]);
            assertCode(ErrorCode.TOO_LARGE, () -> values.put("l", new byte[0]));
        } else {
            assertThatExceptionOfType(PluginException.class)
                    .isThrownBy(() -> values.put("k", new byte[valueBytes]))
                    .withMessageContaining("quota is " + quota)
                    .extracting(PluginException::code)
                    .isEqualTo(ErrorCode.TOO_LARGE);
            assertThat(kept()).isEmpty();
        }
    }

    @Test
    void keysAreCountedInBytes() throws IOException {
        KeyValues values = load();
        assertCode(ErrorCode.TOO_LARGE, () -> values.put("\u20ac", new byte[1_000 - 64 - 2]));
        values.put("\u20ac", new byte[1_000 - 64 - 3]);
    }

    @Test
    void valuesAboveALoweredQuota_stayAndMayShrink() throws IOException {
        load().put("k", new byte[900]);
        host.trust.grants = List.of(new CapabilityGrant("kv", "{\"quota_bytes\":100}"));
        host.reopen();
        host.invoke("wait until it is back");
        KeyValues values = latest();
        assertCode(ErrorCode.TOO_LARGE, () -> values.put("l", bytes("1")));
        assertThat(values.get("k")).hasSize(900);
        values.put("k", new byte[99]);
        values.put("k", null);
        values.put("l", bytes("1"));
        assertThat(kept()).hasToString("{l=1}");
    }

    @Test
    void grantOfAnotherShape_isRefusedWithIt() {
        host.trust.grants = List.of(new CapabilityGrant("kv", "[1]"));
        assertCode(ErrorCode.CAPABILITY_DENIED, this::load);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a\nb", "\u0000", "\u007f", "\u0085", "\ud800"})
    void badKey_isRefused(String key) throws IOException {
        KeyValues values = load();
        assertCode(ErrorCode.BAD_REQUEST, () -> values.put(key, bytes("1")));
        assertCode(ErrorCode.BAD_REQUEST, () -> values.get(key));
    }

    @Test
    void keyLength_isBoundedInBytes() throws IOException {
        KeyValues values = load();
        values.put("k".repeat(255), bytes("1"));
        values.put("\u00e4".repeat(127), bytes("1"));
        assertCode(ErrorCode.BAD_REQUEST, () -> values.put("k".repeat(256), bytes("1")));
        assertCode(ErrorCode.BAD_REQUEST, () -> values.put("\u00e4".repeat(128), bytes("1")));
    }

    @Test
    void commitThatFails_changesNothing() throws IOException {
        KeyValues values = load();
        values.put("a", bytes("1"));
        host.state.readOnly = true;
        assertCode(ErrorCode.STATE_READ_ONLY, () -> values.put("a", bytes("2")));
        assertThat(text(values, "a")).isEqualTo("1");
    }

    @Test
    void commitThatFailsLate_isWhatTheStoreSays() throws IOException {
        KeyValues values = load();
        values.put("a", bytes("1"));
        host.state.failsLate = true;
        assertCode(ErrorCode.STATE_READ_ONLY, () -> values.put("a", bytes("2")));
        assertThat(text(values, "a")).isEqualTo("2");
    }

    @Test
    void replacedStore_isAskedAnew() throws IOException {
        KeyValues values = load();
        values.put("a", bytes("1"));
        values.put("b", bytes("1"));
        Fakes.State restored = new Fakes.State(host.state);
        restored.commit(List.of(new Change("kv.one", "a", bytes("2")), new Change("kv.one", "b", null)));

        host.plugins.unbindState(host.state);
        host.plugins.bindState(restored);

        assertThat(text(values, "a")).isEqualTo("2");
        assertThat(text(values, "b")).isNull();
        values.put("c", bytes("3"));
        assertThat(restored.entries("kv.one")).containsOnlyKeys("a", "c");
        assertThat(kept()).containsOnlyKeys("a", "b");
    }

    @Test
    void crowd_losesNoValue() throws Exception {
        KeyValues values = load();
        List<FutureTask<String>> crowd = new ArrayList<>();
        for (int t = 0; t < 4; t++) {
            String key = "k" + t;
            crowd.add(TestHost.started(() -> {
                for (int i = 0; i < 200; i++) {
                    values.put(key, bytes("" + i));
                    assertThat(text(values, key)).isEqualTo("" + i);
                    try {
                        values.put("shared", new byte[600 + i]);
                        values.put("shared", null);
                    } catch (PluginException e) {
                        assertThat(e.code()).isEqualTo(ErrorCode.TOO_LARGE);
                    }
                }
                return "";
            }));
        }
        for (FutureTask<String> member : crowd) {
            member.get();
        }
        assertThat(kept()).hasToString("{k0=199, k1=199, k2=199, k3=199}");
        // The bytes were counted right.
        values.put("rest", new byte[1_000 - 4 * (2 + 3 + 64) - 4 - 64]);
        assertCode(ErrorCode.TOO_LARGE, () -> values.put("k0", bytes("1999")));
    }

    private KeyValues load() throws IOException {
        host.loadOne();
        return latest();
    }

    /** Returns the values as the plugin sees them that was opened last. */
    private KeyValues latest() {
        return host.runtime.contexts.get(host.runtime.contexts.size() - 1).values();
    }

    /** Returns what the state store has for the plugin. */
    private Map<String, String> kept() {
        Map<String, String> kept = new TreeMap<>();
        host.state.entries("kv.one").forEach((key, value) -> kept.put(key, new String(value, UTF_8)));
        return kept;
    }

    private static @Nullable String text(KeyValues values, String key) {
        byte[] value = values.get(key);
        return value == null ? null : new String(value, UTF_8);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    private static void assertCode(ErrorCode code, Work work) {
        TestHost.assertCode(code, () -> {
            work.run();
            return "";
        });
    }

    private interface Work {
        void run() throws IOException;
    }
}
