package org.circleosd.pluginmanager.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.host.TestHost.assertCode;
import static org.circleosd.pluginmanager.host.TestHost.bytes;
import static org.circleosd.pluginmanager.host.TestHost.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.StateStore.Change;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What a plugin keeps, as it sees it and as the state store does. */
@Timeout(60)
class PluginValuesTest {

    @TempDir
    Path dir;

    @AutoClose
    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = TestHost.open(dir);
    }

    @Test
    void putValue_isKeptWhenPutReturns() throws IOException {
        KeyValues values = host.loadValues();
        assertThat(text(values, "a")).isNull();
        values.put("a", bytes("1"));
        assertThat(host.keptValues()).hasToString("{a=1}");
        assertThat(text(values, "a")).isEqualTo("1");
        values.put("a", bytes(""));
        assertThat(host.keptValues()).hasToString("{a=}");
        assertThat(text(values, "a")).isEmpty();
        values.put("a", null);
        assertThat(host.keptValues()).isEmpty();
        assertThat(text(values, "a")).isNull();
    }

    @Test
    void arraysOfThePlugin_areItsOwn() throws IOException {
        KeyValues values = host.loadValues();
        byte[] put = bytes("1");
        values.put("a", put);
        put[0] = '2';
        byte[] got = values.get("a");
        assertThat(got).isNotNull();
        got[0] = '3';
        assertThat(text(values, "a")).isEqualTo("1");
        assertThat(host.keptValues()).hasToString("{a=1}");
    }

    @Test
    void gets_readTheStoreOnce() throws IOException {
        KeyValues values = host.loadValues();
        values.put("a", bytes("1"));
        host.reopen();
        host.invoke("wait until it is back");
        values = host.latestValues();
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
        KeyValues values = host.loadValues();
        values.put("a", bytes("1"));
        int commits = host.state.commits.size();
        values.put("a", bytes("1"));
        values.put("b", null);
        assertThat(host.state.commits).hasSize(commits);
    }

    @Test
    void commitThatFails_changesNothing() throws IOException {
        KeyValues values = host.loadValues();
        values.put("a", bytes("1"));
        host.state.readOnly = true;
        assertCode(ErrorCode.STATE_READ_ONLY, () -> values.put("a", bytes("2")));
        assertThat(text(values, "a")).isEqualTo("1");
    }

    @Test
    void commitThatFailsLate_isWhatTheStoreSays() throws IOException {
        KeyValues values = host.loadValues();
        values.put("a", bytes("1"));
        host.state.failsLate = true;
        assertCode(ErrorCode.STATE_READ_ONLY, () -> values.put("a", bytes("2")));
        assertThat(text(values, "a")).isEqualTo("2");
    }

    @Test
    void replacedStore_isAskedAnew() throws IOException {
        KeyValues values = host.loadValues();
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
        assertThat(host.keptValues()).containsOnlyKeys("a", "b");
    }

    @Test
    void crowd_losesNoValue() throws Exception {
        KeyValues values = host.loadValues();
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
        assertThat(host.keptValues()).hasToString("{k0=199, k1=199, k2=199, k3=199}");
        // The bytes were counted right.
        values.put("rest", new byte[1_000 - 4 * (2 + 3 + 64) - 4 - 64]);
        assertCode(ErrorCode.TOO_LARGE, () -> values.put("k0", bytes("1999")));
    }
}
