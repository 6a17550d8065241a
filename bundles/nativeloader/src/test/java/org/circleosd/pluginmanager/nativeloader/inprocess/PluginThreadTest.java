package org.circleosd.pluginmanager.nativeloader.inprocess;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class PluginThreadTest {

    private static final Duration LONG = Duration.ofSeconds(50);
    private static final Duration SHORT = Duration.ofMillis(50);
    private static final Duration ENOUGH_TO_START = Duration.ofMillis(1500);

    private final PluginThread thread = new PluginThread("sample");
    private final CountDownLatch running = new CountDownLatch(1);
    private final CountDownLatch gate = new CountDownLatch(1);

    @AfterEach
    void end() {
        gate.countDown();
        thread.finish(() -> {}, LONG);
    }

    @Test
    void callBehindALongOne_timesOutAndDoesNotRunLater() throws Exception {
        CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> call("first", LONG, this::passGate));
        running.await();
        CountDownLatch ran = new CountDownLatch(1);
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> call("second", SHORT, () -> {
                    ran.countDown();
                    return "";
                }))
                .withMessage("second waited 50 ms behind other calls of the plugin")
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.TIMEOUT));
        gate.countDown();
        assertThat(first.get()).isEqualTo("through");
        assertThat(call("third", LONG, () -> "third")).isEqualTo("third");
        assertThat(ran.getCount()).isOne();
    }

    @Test
    void failureOfThePlugin_reachesTheCallerAsItIs() {
        PluginException failure = new PluginException(ErrorCode.PLUGIN_ERROR, "no");
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> call("it", LONG, () -> {
                    throw failure;
                }))
                .isSameAs(failure);
    }

    @Test
    void brokenPromiseOfOurOwn_isAnIllegalState() {
        assertThatIllegalStateException()
                .isThrownBy(() -> call("it", LONG, () -> {
                    throw new ArrayStoreException("ours");
                }))
                .withMessage("it of native plugin 'sample'");
    }

    @Test
    void finish_behindLateWork_doesNotWaitForItsBound() throws Exception {
        PluginThread busy = new PluginThread("busy");
        assertThatExceptionOfType(PluginException.class).isThrownBy(() -> {
            busy.call("late", System.nanoTime() + ENOUGH_TO_START.toNanos(), ENOUGH_TO_START, this::passGate);
        });
        CountDownLatch finished = new CountDownLatch(1);
        busy.finish(finished::countDown, LONG);
        assertThat(finished.getCount()).isOne();
        gate.countDown();
        finished.await();
    }

    private String passGate() throws InterruptedException {
        running.countDown();
        gate.await();
        return "through";
    }

    private <T> T call(String what, Duration timeout, Callable<T> work) {
        return thread.call(what, System.nanoTime() + timeout.toNanos(), timeout, work);
    }
}
