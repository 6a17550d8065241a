package org.circleosd.pluginmanager.sandbox;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicReference;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.InstancePolicy;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class DeadlineTest {

    private static final Duration SHORT = Duration.ofMillis(200);
    private static final String TIMED_OUT = "timed out after 200 ms";

    private final Plugins plugins = new Plugins();

    @AfterEach
    void close() {
        plugins.close();
    }

    @ParameterizedTest
    @EnumSource(InstancePolicy.class)
    void loopInAnExport_timesOut(InstancePolicy policy) {
        LoadedPlugin plugin = plugins.timeout(SHORT).instances(policy).load("faults");
        for (int i = 0; i < 3; i++) {
            Failures.assertFails(ErrorCode.TIMEOUT, () -> Plugins.text(plugin, "loop", ""))
                    .isEqualTo(TIMED_OUT);
            assertThat(Thread.currentThread().isInterrupted()).isFalse();
            assertThat(Plugins.text(plugin, "echo", "next")).isEqualTo("next");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"start-loop", "initialize-loop"})
    void loopInTheInitialisation_timesOutAtLoad(String name) {
        Failures.assertFails(ErrorCode.TIMEOUT, () -> plugins.timeout(SHORT).load(name))
                .isEqualTo(TIMED_OUT);
    }

    @ParameterizedTest
    @CsvSource({"loop", "sleep"})
    void commandThatDoesNotEnd_timesOut(String function) {
        LoadedPlugin plugin = plugins.timeout(SHORT).load("command");
        Failures.assertFails(ErrorCode.TIMEOUT, () -> Plugins.text(plugin, function, ""))
                .isEqualTo(TIMED_OUT);
    }

    @Test
    void callThatWaitsForAStatefulOne_timesOutToo() throws Exception {
        LoadedPlugin plugin =
                plugins.timeout(SHORT).instances(InstancePolicy.STATEFUL).load("state");
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            CountDownLatch ready = new CountDownLatch(4);
            Runnable loop = () -> {
                ready.countDown();
                Failures.assertFails(ErrorCode.TIMEOUT, () -> Plugins.text(plugin, "loop", ""))
                        .isEqualTo(TIMED_OUT);
            };
            Future<?>[] calls = {threads.submit(loop), threads.submit(loop), threads.submit(loop), threads.submit(loop)
            };
            for (Future<?> call : calls) {
                call.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void interruptByTheCaller_cancels() throws Exception {
        LoadedPlugin plugin = plugins.timeout(Plugins.PATIENCE).load("command");
        AtomicReference<Boolean> flag = new AtomicReference<>();
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Thread caller = new Thread(() -> {
            try {
                Failures.assertFails(ErrorCode.CANCELLED, () -> Plugins.text(plugin, "loop", ""));
                flag.set(Thread.currentThread().isInterrupted());
            } catch (Throwable e) {
                failure.set(e);
            }
        });
        caller.start();
        caller.interrupt();
        caller.join();
        assertThat(failure.get()).isNull();
        assertThat(flag.get()).isTrue();
    }

    @Test
    void manyLoopsAtOnce_allTimeOut() throws ExecutionException, InterruptedException {
        LoadedPlugin plugin = plugins.timeout(SHORT).load("faults");
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Future<?>> calls = new ArrayList<>();
            for (int i = 0; i < 8; i++) {
                calls.add(threads.submit(
                        () -> Failures.assertFails(ErrorCode.TIMEOUT, () -> Plugins.text(plugin, "loop", ""))));
            }
            for (Future<?> call : calls) {
                call.get();
            }
        } finally {
            threads.shutdownNow();
        }
    }
}
