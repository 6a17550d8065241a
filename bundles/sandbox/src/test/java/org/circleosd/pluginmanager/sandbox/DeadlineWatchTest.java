package org.circleosd.pluginmanager.sandbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
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
    void interruptByAnotherThread_cancelsAndStaysWithTheCaller() throws Exception {
        CountDownLatch running = new CountDownLatch(1);
        ExecutorService thread = Executors.newSingleThreadExecutor();
        try {
            Future<Boolean> flag = thread.submit(() -> {
                Failures.assertFails(
                        ErrorCode.CANCELLED,
                        () -> watch.within(Plugins.PATIENCE, () -> {
                            running.countDown();
                            return untilInterrupted();
                        }));
                return Thread.currentThread().isInterrupted();
            });
            running.await();
            thread.shutdownNow();
            assertThat(flag.get()).isTrue();
        } finally {
            thread.shutdownNow();
        }
    }

    @Test
    void interruptUnderWay_isWaitedFor() throws Exception {
        SlowlyInterrupted caller = new SlowlyInterrupted(watch);
        caller.start();
        caller.join();
        assertThat(caller.returnedTooEarly).isFalse();
        assertThat(caller.flag).isFalse();
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

    @Test
    void closedWatches_leaveNoThread() throws Exception {
        for (int i = 0; i < 50; i++) {
            Set<Thread> before = watchThreads();
            DeadlineWatch other = new DeadlineWatch();
            Set<Thread> added = watchThreads();
            added.removeAll(before);
            assertThat(added).hasSize(1);
            other.within(Plugins.PATIENCE, () -> "x");
            other.close();
            // Waits for ever, and fails by the timeout, if the thread does not end.
            added.iterator().next().join();
        }
    }

    private static Set<Thread> watchThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().startsWith("sandbox-deadlines"))
                .collect(Collectors.toCollection(HashSet::new));
    }

    /** Returns how many calls left an interrupt behind; a third of the deadlines pass about when the work ends. */
    private int raceWithDeadlines() {
        int leaks = 0;
        for (int i = 0; i < 5_000; i++) {
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

    /** A thread whose interrupt takes its time, while the work ends. */
    private static final class SlowlyInterrupted extends Thread {

        private final DeadlineWatch watch;
        private final CountDownLatch interrupting = new CountDownLatch(1);
        private final CountDownLatch returned = new CountDownLatch(1);
        private volatile boolean returnedTooEarly;
        private volatile boolean flag;

        SlowlyInterrupted(DeadlineWatch watch) {
            this.watch = watch;
        }

        @Override
        public void run() {
            Failures.assertFails(
                    ErrorCode.TIMEOUT,
                    () -> watch.within(Duration.ofMillis(1), () -> {
                        while (interrupting.getCount() > 0) {
                            Thread.onSpinWait();
                        }
                        return "done while the interrupt was under way";
                    }));
            returned.countDown();
            flag = isInterrupted();
        }

        @Override
        public void interrupt() {
            interrupting.countDown();
            try {
                returnedTooEarly = returned.await(200, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            super.interrupt();
        }
    }
}
