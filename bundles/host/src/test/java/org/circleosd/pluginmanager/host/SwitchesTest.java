package org.circleosd.pluginmanager.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.circleosd.pluginmanager.host.TestHost.assertCode;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.PluginType;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class SwitchesTest {

    @TempDir
    Path dir;

    @AutoClose
    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = TestHost.open(dir);
        host.loadOne();
    }

    @Test
    void disabledPlugin_refusesCallsAndStaysSoOverARestart() throws IOException {
        PluginInfo disabled = host.disable();
        assertThat(disabled.state()).isEqualTo(PluginState.DISABLED);
        assertThat(disabled.reason()).isEqualTo("it is disabled");
        assertThat(host.runtime.open).hasValue(0);
        host.reopen();
        assertThat(host.info()).isEqualTo(disabled);
        host.plugins.openWaiting();
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> host.invoke("hi"))
                .withMessage("plugin 'one' is out of service: it is disabled; bring it back with enable")
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.PLUGIN_FAILED);

        assertThat(host.enable().state()).isEqualTo(PluginState.ACTIVE);
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        host.reopen();
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
    }

    @Test
    void changeThatCannotBeKept_changesNothing() {
        host.state.readOnly = true;
        assertCode(ErrorCode.STATE_READ_ONLY, host::disable);
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
        host.state.readOnly = false;
        host.disable();
        host.state.readOnly = true;
        assertCode(ErrorCode.STATE_READ_ONLY, host::enable);
        assertThat(host.info().state()).isEqualTo(PluginState.DISABLED);
        assertThat(host.runtime.open).hasValue(0);
    }

    @Test
    void pluginThatCannotBeOpened_staysDisabled() {
        host.disable();
        host.runtime.refuses = "one";
        assertCode(ErrorCode.PLUGIN_INVALID, host::enable);
        assertThat(host.info().state()).isEqualTo(PluginState.DISABLED);
        host.runtime.refuses = "";
        assertThat(host.enable().state()).isEqualTo(PluginState.ACTIVE);
    }

    @Test
    void pluginThatIsAsAskedFor_isLeftAlone() {
        host.enable();
        assertThat(host.runtime.contexts).hasSize(1);
        host.disable();
        host.disable();
        assertThat(host.state.commits).hasSize(2);
    }

    @Test
    void pluginThatIsSeenActive_refusesNoCall() throws Exception {
        host.disable();
        FutureTask<String> call = new FutureTask<>(() -> host.invoke("hi"));
        host.plugins.events().add(event -> {
            assertThat(host.info().state()).isEqualTo(PluginState.ACTIVE);
            Thread caller = new Thread(call);
            caller.start();
            while (!call.isDone() && caller.getState() != Thread.State.TIMED_WAITING) {
                Thread.onSpinWait();
            }
        });
        host.enable();
        assertThat(call.get(30, TimeUnit.SECONDS)).isEqualTo("r1:hi");
    }

    @Test
    void reload_opensTheSameOnceMore() {
        assertThat(host.reload().state()).isEqualTo(PluginState.ACTIVE);
        assertThat(host.runtime.contexts).hasSize(2);
        assertThat(host.runtime.open).hasValue(1);
        // Nothing is to be kept, so a state that cannot be written is no obstacle.
        host.state.readOnly = true;
        host.reload();
        assertThat(host.plugins.events().after(0))
                .extracting(PluginEvent::kind)
                .containsExactly(PluginEvent.Kind.LOADED, PluginEvent.Kind.RELOADED, PluginEvent.Kind.RELOADED);
    }

    @Test
    void disabledPlugin_isNotReloaded() {
        host.disable();
        assertCode(ErrorCode.PLUGIN_FAILED, host::reload);
        assertThat(host.runtime.open).hasValue(0);
    }

    @Test
    void failedPlugin_isBroughtBack() {
        host.plugins.unbindRuntime(PluginType.WASM, host.runtime);
        host.runtime.refuses = "one";
        host.plugins.bindRuntime(PluginType.WASM, host.runtime, 0);
        host.awaitState(PluginState.FAILED);
        host.runtime.refuses = "";
        assertThat(host.reload().state()).isEqualTo(PluginState.ACTIVE);
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
    }

    @Test
    void missingImageThatWasPutBack_isFoundByEnable() throws IOException {
        host.plugins.close();
        Map<Path, byte[]> images = new TreeMap<>();
        for (Path image : host.storedImages()) {
            images.put(image, Files.readAllBytes(image));
            Files.delete(image);
        }
        host.start(TestHost.LONG);
        host.open();
        assertThat(host.info().state()).isEqualTo(PluginState.FAILED);
        assertCode(ErrorCode.STATE_CORRUPT, host::enable);
        for (Map.Entry<Path, byte[]> image : images.entrySet()) {
            Files.write(image.getKey(), image.getValue());
        }
        assertThat(host.enable().state()).isEqualTo(PluginState.ACTIVE);
        host.plugins.unload(TestHost.ONE, false);
        assertThat(host.storedImages()).isEmpty();
    }

    @Test
    void runtimeThatFailsAgainAndAgain_putsThePluginOutOfService() {
        host.runtime.behaviour = text -> {
            if (text.equals("trap")) {
                throw new PluginException(ErrorCode.PLUGIN_TRAP, "unreachable");
            }
            throw new IllegalStateException("the engine is broken");
        };
        for (int i = 0; i < 10; i++) {
            assertCode(ErrorCode.PLUGIN_TRAP, () -> host.invoke("trap"));
        }
        for (int i = 0; i < 3; i++) {
            assertThat(host.info().state()).isEqualTo(PluginState.ACTIVE);
            assertThatIllegalStateException().isThrownBy(() -> host.invoke("break"));
        }
        host.awaitState(PluginState.FAILED);
        assertThat(host.info().reason())
                .startsWith("what runs it failed 3 times within 600 s, the last time with"
                        + " java.lang.IllegalStateException: the engine is broken");
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> host.invoke("hi"))
                .withMessageContaining("bring it back with enable");
        host.runtime.behaviour = text -> text;
        assertThat(host.enable().state()).isEqualTo(PluginState.ACTIVE);
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
    }
}
