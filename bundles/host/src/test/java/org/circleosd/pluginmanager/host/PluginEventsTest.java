package org.circleosd.pluginmanager.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginEvent.Kind;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginListener;
import org.circleosd.pluginmanager.api.PluginType;
import org.circleosd.pluginmanager.api.runtime.PluginContext;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which event comes when; how events are delivered is tested with {@link EventDelivery}. */
@Timeout(60)
class PluginEventsTest {

    @TempDir
    Path dir;

    private final Heard heard = new Heard();

    @AutoClose
    private TestHost host;

    @BeforeEach
    void open() throws IOException {
        host = new TestHost(dir);
        host.plugins.events().add(heard);
        host.open();
    }

    @Test
    void life_isToldInOrderAndNumberedFromOne() throws Exception {
        host.loadOne();
        host.upgrade(host.file("next.wasm"));
        host.plugins.unbindRuntime(PluginType.WASM, host.runtime);
        host.plugins.bindRuntime(PluginType.WASM, host.runtime, 0);
        host.invoke("wait until it is back");
        host.plugins.unload(TestHost.ONE, false);

        assertThat(heard.next(5))
                .containsExactly("1 one loaded", "2 one upgraded", "3 one suspended", "4 one active", "5 one unloaded");
    }

    @Test
    void restart_isToldFromTheNextLifeOn() throws Exception {
        host.loadOne();
        assertThat(heard.next(1)).containsExactly("1 one loaded");
        host.plugins.close();
        host.start(TestHost.LONG);
        host.plugins.events().add(heard);
        host.open();
        assertThat(heard.next(1)).containsExactly("1000000001 one active");
    }

    @Test
    void loadOrReplacementThatFails_isNoEvent() throws Exception {
        host.runtime.opening = context -> {
            context.report(Kind.CRASHED, "in its constructor");
            throw new PluginException(ErrorCode.PLUGIN_CRASHED, "in its constructor");
        };
        TestHost.assertCode(ErrorCode.PLUGIN_CRASHED, host::loadOne);
        host.runtime.opening = context -> {};
        host.loadOne();
        host.runtime.refuses = "bad";
        Path bad = host.file("bad.wasm");
        TestHost.assertCode(ErrorCode.PLUGIN_INVALID, () -> host.upgrade(bad));
        host.plugins.unload(TestHost.ONE, false);
        assertThat(heard.next(2)).containsExactly("1 one loaded", "2 one unloaded");
    }

    @Test
    void moveWithoutAGap_isNoEvent() throws Exception {
        host.loadOne();
        host.plugins.bindRuntime(PluginType.WASM, new Fakes.EchoRuntime("r2"), -5);
        host.plugins.unbindRuntime(PluginType.WASM, host.runtime);
        assertThat(host.invoke("hi")).isEqualTo("r2:hi");
        host.plugins.unload(TestHost.ONE, false);
        assertThat(heard.next(2)).containsExactly("1 one loaded", "2 one unloaded");
    }

    @Test
    void pluginThatCannotBeOpenedAgain_failsOnceAndComesBack() throws Exception {
        host.loadOne();
        host.plugins.unbindRuntime(PluginType.WASM, host.runtime);
        Fakes.EchoRuntime broken = new Fakes.EchoRuntime("r2");
        broken.refuses = "one";
        host.plugins.bindRuntime(PluginType.WASM, broken, 0);
        assertThat(heard.next(3)).containsExactly("1 one loaded", "2 one suspended", "3 one failed: no plugin");
        host.plugins.openWaiting();
        host.plugins.unbindRuntime(PluginType.WASM, broken);
        host.plugins.bindRuntime(PluginType.WASM, host.runtime, 0);
        assertThat(heard.next(1)).containsExactly("4 one active");
    }

    @Test
    void keptPluginWithoutItsFile_isToldAsFailed() throws Exception {
        host.loadOne();
        heard.next(1);
        host.plugins.close();
        for (Path image : host.storedImages()) {
            Files.delete(image);
        }
        host.start(TestHost.LONG);
        host.plugins.events().add(heard);
        host.open();
        assertThat(heard.next(1).get(0)).startsWith("1000000001 one failed: the copy of ");
    }

    @Test
    void reportOfARuntime_isAnEventWithItsReasonOnOneLine() throws Exception {
        host.loadOne();
        PluginContext context = host.runtime.contexts.get(0);
        context.report(Kind.CRASHED, "signal 11\u001b[2J\n in libfoo.so");
        context.report(Kind.FAILED, "5 deaths in 60 s");
        assertThat(heard.next(3))
                .containsExactly(
                        "1 one loaded",
                        "2 one crashed: signal 11\\u001b[2J\\u000a in libfoo.so",
                        "3 one failed: 5 deaths in 60 s");
    }

    @Test
    void crashInTheFirstCall_comesAfterTheLoad() throws Exception {
        AtomicReference<PluginContext> context = new AtomicReference<>();
        host.runtime.opening = context::set;
        host.runtime.behaviour = text -> {
            context.get().report(Kind.CRASHED, text);
            return text;
        };
        for (int i = 0; i < 50; i++) {
            var call = TestHost.started(() -> {
                while (true) {
                    try {
                        return host.invoke("now");
                    } catch (PluginException e) {
                        assertThat(e.code()).isEqualTo(ErrorCode.PLUGIN_NOT_FOUND);
                    }
                }
            });
            host.loadOne();
            call.get();
            host.plugins.unload(TestHost.ONE, false);
            assertThat(heard.next(3))
                    .extracting(event -> event.substring(event.indexOf(' ')))
                    .containsExactly(" one loaded", " one crashed: now", " one unloaded");
        }
    }

    @Test
    void reportAfterTheUnload_isNoEvent() throws Exception {
        host.loadOne();
        host.plugins.unload(TestHost.ONE, false);
        host.runtime.contexts.get(0).report(Kind.CRASHED, "late");
        host.loadOne();
        assertThat(heard.next(3)).containsExactly("1 one loaded", "2 one unloaded", "3 one loaded");
    }

    @ParameterizedTest
    @EnumSource(
            value = Kind.class,
            names = {"CRASHED", "FAILED"},
            mode = EnumSource.Mode.EXCLUDE)
    void runtimes_reportNothingElse(Kind kind) throws IOException {
        host.loadOne();
        PluginContext context = host.runtime.contexts.get(0);
        assertThatIllegalArgumentException().isThrownBy(() -> context.report(kind, ""));
    }

    @Test
    void listeners_comeAndGoWhileEventsFlow() throws Exception {
        var flow = TestHost.started(() -> {
            for (int i = 0; i < 300; i++) {
                host.plugins.events().happened(TestHost.ONE, Kind.ACTIVE, "");
            }
            return "";
        });
        for (int i = 0; i < 100; i++) {
            Heard other = new Heard();
            host.plugins.events().add(other);
            host.plugins.events().remove(other);
            int count = other.count();
            Thread.yield();
            // Whoever left hears nothing any more.
            assertThat(other.count()).isEqualTo(count);
        }
        flow.get();
        assertThat(heard.next(300)).element(299).isEqualTo("300 one active");
    }

    /** Notes what it hears. */
    private static final class Heard implements PluginListener {

        private final BlockingQueue<PluginEvent> events = new LinkedBlockingQueue<>();

        @Override
        public void onEvent(PluginEvent event) {
            events.add(event);
        }

        int count() {
            return events.size();
        }

        /** Waits for events, and checks that they are numbered without a gap. */
        List<String> next(int count) throws InterruptedException {
            var shown = new ArrayList<String>();
            long before = -1;
            for (int i = 0; i < count; i++) {
                PluginEvent event = events.poll(30, TimeUnit.SECONDS);
                assertThat(event).as("event after %s", shown).isNotNull();
                assertThat(event.sequence()).isEqualTo(before < 0 ? event.sequence() : before + 1);
                before = event.sequence();
                shown.add(event.sequence() + " " + event.plugin() + " "
                        + event.kind().wireName() + (event.reason().isEmpty() ? "" : ": " + event.reason()));
            }
            return shown;
        }
    }
}
