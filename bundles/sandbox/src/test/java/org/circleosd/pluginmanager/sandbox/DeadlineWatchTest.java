package org.circleosd.pluginmanager.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class DeadlineWatchTest {

    private final DeadlineWatch watch = new DeadlineWatch();

    @AfterEach
    void close() {
        watch.close();
    }

    @Test
    void workInTime_returnsItsResult() {
        assertThat(watch.<String>within(Plugins.PATIENCE, () -> "done")).isEqualTo("done");
    }

    @Test
    void shorterDeadlineAfterALongerOne_isKept() {
        watch.within(Duration.ofHours(1), () -> {
            Failures.assertFails(ErrorCode.TIMEOUT, () -> watch.within(Duration.ofMillis(20), this::untilInterrupted))
                    .isEqualTo("timed out after 20 ms");
            return "";
        });
    }

    @Test
    void workThatEndsLate_timesOutThoughItHasAResult() {
        Failures.assertFails(
                ErrorCode.TIMEOUT,
                () -> watch.within(Duration.ofMillis(1), () -> {
                    while (!Thread.currentThread().isInterrupted()) {
                        Thread.onSpinWait();
                    }
                    return "late";
                }));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void failureOfTheWork_passesThrough() {
        assertThatExceptionOfType(IllegalStateException.class)
                .isThrownBy(() -> watch.within(Plugins.PATIENCE, () -> {
                    throw new IllegalStateException("broken");
                }));
    }

    @Test
    void interruptedCaller_isCancelledBeforeTheWorkBegins() {
        Thread.currentThread().interrupt();
        Failures.assertFails(
                ErrorCode.CANCELLED,
                () -> watch.within(Plugins.PATIENCE, () -> {
                    throw new AssertionError("the work ran");
                }));
        assertThat(Thread.interrupted()).isTrue();
    }

    @Test
    void deadlinesAroundTheEndOfTheWork_neverHitWhatComesAfter() throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(4);
        try {
            List<Future<Integer>> runs = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                runs.add(threads.submit(this::raceWithDeadlines));
            }
            for (Future<Integer> run : runs) {
                assertThat(run.get()).as("interrupts after the call").isZero();
            }
        } finally {
            threads.shutdownNow();
        }
    }

    @Test
    void closedWatch_takesNoCallsButEndsThoseThatRun() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<?> late = thread.submit(() -> Failures.assertFails(
                    ErrorCode.TIMEOUT,
                    () -> watch.within(Duration.ofMillis(300), () -> {
                        running.countDown();
                        return untilInterrupted();
                    })));
            running.await();
            watch.close();
            Failures.assertFails(ErrorCode.UNAVAILABLE, () -> watch.within(Plugins.PATIENCE, () -> "x"));
            late.get();
        } finally {
            thread.shutdownNow();
        }
    }

    /** Returns how many calls left an interrupt behind; a third of the deadlines pass about when the work ends. */
    private int raceWithDeadlines() {
        int leaks = 0;
        for (int i = 0; i < 20_000; i++) {
            long end = System.nanoTime() + ThreadLocalRandom.current().nextInt(60_000);
            try {
                watch.within(Duration.ofNanos(30_000), () -> {
                    while (System.nanoTime() - end < 0
                            && !Thread.currentThread().isInterrupted()) {
                        Thread.onSpinWait();
                    }
                    return "";
                });
            } catch (PluginException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT);
            }
            leaks += Thread.interrupted() ? 1 : 0;
        }
        return leaks;
    }

    private String untilInterrupted() {
        while (!Thread.interrupted()) {
            Thread.onSpinWait();
        }
        throw new PluginException(ErrorCode.CANCELLED, "interrupted");
    }
}
