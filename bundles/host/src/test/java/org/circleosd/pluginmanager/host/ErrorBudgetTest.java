package org.circleosd.pluginmanager.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.host.TestHost.assertCode;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginManifest.ErrorBudget;
import org.circleosd.pluginmanager.api.PluginState;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

@Timeout(60)
class ErrorBudgetTest {

    private static final ErrorBudget TWO_OF_FIVE = new ErrorBudget(2, 5, Duration.ofMinutes(10));

    @TempDir
    Path dir;

    @AutoClose
    private TestHost host;

    private volatile ErrorCode failure = ErrorCode.PLUGIN_TRAP;

    @BeforeEach
    void open() throws IOException {
        host = new TestHost(dir);
        host.errorBudget = Optional.of(TWO_OF_FIVE);
        host.close();
        host.start(TestHost.LONG);
        host.open();
        host.runtime.behaviour = text -> {
            if (text.equals("fail")) {
                throw new PluginException(failure, "on demand");
            }
            return text;
        };
        host.loadOne();
    }

    @Test
    void oneFailureTooMany_bringsTheContentBeforeBack() throws IOException {
        host.upgrade(host.file("next.wasm"));
        host.invoke("hi");
        fail(3);
        awaitContent("one");

        PluginEvent last = await(PluginEvent.Kind.ROLLED_BACK);
        assertThat(last.reason())
                .isEqualTo(
                        "3 of the first 4 calls after the upgrade failed, one with plugin_trap (on demand); its error"
                                + " budget is 2 in 5 calls or 600 s");
        // What came back is not watched: it was good enough before.
        fail(5);
        assertThat(host.info().name()).isEqualTo("one");
        host.reopen();
        host.awaitState(PluginState.ACTIVE);
        assertThat(host.info().name()).isEqualTo("one");
    }

    @Test
    void failuresAfterTheFirstCalls_doNotCount() throws IOException {
        host.upgrade(host.file("next.wasm"));
        fail(2);
        for (int i = 0; i < 3; i++) {
            host.invoke("hi");
        }
        fail(5);
        assertThat(host.plugins.set().get(TestHost.ONE).watch()).isNotNull().matches(BudgetWatch::isOver);
        assertThat(host.info().name()).isEqualTo("next");
    }

    @ParameterizedTest
    @EnumSource(
            value = ErrorCode.class,
            names = {"FUNCTION_NOT_FOUND", "BAD_REQUEST", "CAPABILITY_DENIED", "UNAVAILABLE", "CANCELLED"})
    void whatIsNotThePluginsFault_doesNotCount(ErrorCode code) throws IOException {
        failure = code;
        host.upgrade(host.file("next.wasm"));
        fail(4);
        failure = ErrorCode.PLUGIN_TRAP;
        fail(1);
        assertThat(host.info().name()).isEqualTo("next");
        assertThat(lastEvent().kind()).isEqualTo(PluginEvent.Kind.UPGRADED);
    }

    @Test
    void firstLoad_isNotWatched() {
        fail(5);
        assertThat(host.info().state()).isEqualTo(PluginState.ACTIVE);
    }

    @Test
    void restartWithinTheTime_countsAnew() throws IOException {
        host.upgrade(host.file("next.wasm"));
        fail(2);
        host.reopen();
        host.awaitState(PluginState.ACTIVE);
        fail(2);
        assertThat(host.info().name()).isEqualTo("next");
        fail(1);
        awaitContent("one");
    }

    @Test
    void reload_goesOnCounting() throws IOException {
        host.upgrade(host.file("next.wasm"));
        fail(2);
        host.reload();
        fail(1);
        awaitContent("one");
    }

    @Test
    void rollbackThatFails_leavesTheNewContent() throws IOException {
        host.upgrade(host.file("next.wasm"));
        host.state.readOnly = true;
        fail(3);
        host.state.readOnly = false;
        fail(5);
        assertThat(lastEvent().kind()).isIn(PluginEvent.Kind.UPGRADED, PluginEvent.Kind.ROLLED_BACK);
        assertThat(host.invoke("hi")).isEqualTo("r1:hi");
    }

    @Test
    void callsAfterTheTime_doNotCount() {
        AtomicLong now = new AtomicLong();
        BudgetWatch watch = new BudgetWatch(TWO_OF_FIVE, 100, now::get);
        PluginException trap = new PluginException(ErrorCode.PLUGIN_TRAP, "");
        assertThat(watch.failed(trap)).isFalse();
        assertThat(watch.failed(trap)).isFalse();
        now.set(101);
        assertThat(watch.failed(trap)).isFalse();
        assertThat(watch.isOver()).isTrue();
    }

    @Test
    void exhaustedBudget_isToldOnce() {
        BudgetWatch watch = new BudgetWatch(new ErrorBudget(0, 5, Duration.ofSeconds(1)), 100, () -> 0);
        PluginException trap = new PluginException(ErrorCode.PLUGIN_TRAP, "");
        assertThat(watch.failed(trap)).isTrue();
        assertThat(watch.failed(trap)).isFalse();
    }

    private void fail(int times) {
        for (int i = 0; i < times; i++) {
            assertCode(failure, () -> host.invoke("fail"));
        }
    }

    private void awaitContent(String name) {
        while (!host.info().name().equals(name)) {
            Thread.onSpinWait();
        }
    }

    /** It is told a moment after it shows. */
    private PluginEvent await(PluginEvent.Kind kind) {
        while (lastEvent().kind() != kind) {
            Thread.onSpinWait();
        }
        return lastEvent();
    }

    private PluginEvent lastEvent() {
        List<PluginEvent> events = host.plugins.events().after(0);
        return events.get(events.size() - 1);
    }
}
