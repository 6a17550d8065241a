package org.circleosd.pluginmanager.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.host.TestHost.assertCode;
import static org.circleosd.pluginmanager.host.TestHost.bytes;
import static org.circleosd.pluginmanager.host.TestHost.text;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.StateStore.Change;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a plugin's values when it is loaded, replaced and unloaded. */
@Timeout(60)
class ValueLifetimeTest {

    @TempDir
    Path dir;

    @AutoClose
    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = TestHost.open(dir);
    }

    @Test
    void values_surviveRestartReplacementAndAnotherRuntime() throws IOException {
        host.loadValues().put("a", bytes("1"));
        host.reopen();
        host.invoke("wait until it is back");
        assertThat(text(host.latestValues(), "a")).isEqualTo("1");

        host.upgrade(host.file("next.wasm"));
        assertThat(text(host.latestValues(), "a")).isEqualTo("1");
        host.latestValues().put("b", bytes("2"));

        Fakes.EchoRuntime other = new Fakes.EchoRuntime("r2");
        host.plugins.bindRuntime(PluginType.WASM, other, -1);
        host.plugins.unbindRuntime(PluginType.WASM, host.runtime);
        KeyValues values = other.contexts.get(0).values();
        assertThat(text(values, "a") + text(values, "b")).isEqualTo("12");
    }

    @Test
    void unload_deletesTheValuesInTheSameCommit() throws IOException {
        KeyValues values = host.loadValues();
        values.put("a", bytes("1"));
        values.put("b", bytes("2"));

        host.plugins.unload(TestHost.ONE, false);

        List<Change> last = host.state.commits.get(host.state.commits.size() - 1);
        assertThat(last).extracting(Change::value).containsOnlyNulls();
        assertThat(last)
                .extracting(change -> change.bucket() + " " + change.key())
                .containsExactlyInAnyOrder("plugins one", "previous one", "kv.one a", "kv.one b");
        assertCode(ErrorCode.PLUGIN_NOT_FOUND, () -> values.put("a", bytes("3")));
        assertCode(ErrorCode.PLUGIN_NOT_FOUND, () -> values.get("a"));
        assertThat(host.keptValues()).isEmpty();
    }

    @Test
    void unloadThatCannotBeKept_leavesTheValues() throws IOException {
        KeyValues values = host.loadValues();
        values.put("a", bytes("1"));
        host.state.readOnly = true;
        assertCode(ErrorCode.STATE_READ_ONLY, () -> host.plugins.unload(TestHost.ONE, false));
        assertThat(text(values, "a")).isEqualTo("1");
        host.state.readOnly = false;
        values.put("a", bytes("2"));
        assertThat(host.keptValues()).hasToString("{a=2}");
    }

    @Test
    void nextPluginOfTheId_findsNothingOfTheLast() throws IOException {
        KeyValues former = host.loadValues();
        former.put("a", bytes("1"));
        host.plugins.unload(TestHost.ONE, false);
        KeyValues values = host.loadValues();
        assertThat(text(values, "a")).isNull();
        values.put("a", bytes("2"));
        assertCode(ErrorCode.PLUGIN_NOT_FOUND, () -> former.put("a", bytes("3")));
        assertThat(host.keptValues()).hasToString("{a=2}");
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
        KeyValues values = host.loadValues();
        found.add(text(values, "a"));
        assertThat(found).containsOnlyNulls();
        assertThat(host.keptValues()).hasToString("{b=new}");
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
        KeyValues values = host.loadValues();
        assertThat(found).containsExactly("1", null);
        assertThat(text(values, "a")).isEqualTo("1");
        assertThat(host.keptValues()).hasToString("{a=1}");
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
        assertCode(ErrorCode.PLUGIN_TRAP, host::loadValues);
        assertCode(ErrorCode.PLUGIN_NOT_FOUND, () -> refused.get().put("a", bytes("2")));
        assertCode(ErrorCode.PLUGIN_NOT_FOUND, () -> refused.get().get("a"));
        assertThat(host.keptValues()).isEmpty();
        host.runtime.opening = context -> {};
        assertThat(text(host.loadValues(), "a")).isNull();
    }

    @Test
    void replacementThatFails_changesNoValue() throws IOException {
        KeyValues values = host.loadValues();
        values.put("a", bytes("1"));
        host.runtime.opening = context -> {
            assertThat(text(context.values(), "a")).isEqualTo("1");
            context.values().put("a", bytes("2"));
            assertThat(text(context.values(), "a")).isEqualTo("2");
            throw new PluginException(ErrorCode.PLUGIN_TRAP, "no");
        };
        assertCode(ErrorCode.PLUGIN_TRAP, () -> host.upgrade(host.file("next.wasm")));
        assertThat(text(values, "a")).isEqualTo("1");
        assertThat(host.keptValues()).hasToString("{a=1}");
    }

    @Test
    void replacement_sharesTheValuesWithCallsThatStillRunOnTheFormer() throws IOException {
        KeyValues former = host.loadValues();
        host.runtime.opening = context -> context.values().put("a", bytes("next"));
        host.upgrade(host.file("next.wasm"));
        assertThat(text(former, "a")).isEqualTo("next");
        former.put("b", bytes("former"));
        assertThat(text(host.latestValues(), "b")).isEqualTo("former");
    }
}
