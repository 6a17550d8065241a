package org.circleosd.pluginmanager.host;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.runtime.InvocationLimits;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class TurnstileTest {

    private static final Duration LONG = Duration.ofSeconds(50);

    private final Blocking plugin = new Blocking();

    @Test
    void callsThatWait_beginInTheirOrder() throws Exception {
        Turnstile turnstile = turnstile(LONG, 1, 10);
        List<FutureTask<String>> calls = new ArrayList<>(List.of(running(turnstile, "0")));
        for (int i = 1; i < 6; i++) {
            calls.add(waiting(turnstile, "" + i).call);
        }
        assertThat(plugin.begun).containsExactly("0");

        plugin.leave.release(6);

        for (FutureTask<String> call : calls) {
            assertThat(call.get()).isEqualTo("done");
        }
        assertThat(plugin.begun).containsExactly("0", "1", "2", "3", "4", "5");
        assertThat(plugin.most).hasValue(1);
    }

    /** Whoever ends a call and comes again is there before the one that is being woken. */
    @Test
    void callThatComes_overtakesForAMoment() throws Exception {
        Turnstile turnstile = turnstile(() -> 0);
        while (!List.copyOf(plugin.begun).equals(List.of("first", "again", "waiting"))) {
            plugin.begun.clear();
            comeAgainBesideOneThatWaits(turnstile);
        }
    }

    @Test
    void callThatWaitedLong_isNotOvertaken() throws Exception {
        AtomicLong clock = new AtomicLong();
        Turnstile turnstile = turnstile(() -> clock.addAndGet(Turnstile.OVERTAKING_NANOS));
        for (int i = 0; i < 200; i++) {
            plugin.begun.clear();
            comeAgainBesideOneThatWaits(turnstile);
            assertThat(plugin.begun).containsExactly("first", "waiting", "again");
        }
    }

    private void comeAgainBesideOneThatWaits(Turnstile turnstile) throws Exception {
        FutureTask<String> twice = started(() -> call(turnstile, "first") + call(turnstile, "again"));
        assertThat(plugin.entered.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        Waiting waiting = waiting(turnstile, "waiting");
        plugin.leave.release(3);
        assertThat(twice.get()).isEqualTo("donedone");
        assertThat(waiting.call.get()).isEqualTo("done");
        plugin.entered.drainPermits();
    }

    @Test
    void callsWithoutEnd_starveNobody() throws Exception {
        plugin.leave.release(Integer.MAX_VALUE / 2);
        Turnstile turnstile = turnstile(LONG, 1, 10);
        AtomicBoolean stop = new AtomicBoolean();
        List<FutureTask<String>> crowd = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            crowd.add(started(() -> {
                while (!stop.get()) {
                    call(turnstile, "crowd");
                }
                return "";
            }));
        }
        FutureTask<String> one = started(() -> {
            for (int i = 0; i < 100; i++) {
                assertThat(call(turnstile, "one")).isEqualTo("done");
            }
            return "served";
        });
        assertThat(one.get(30, TimeUnit.SECONDS)).isEqualTo("served");
        stop.set(true);
        for (FutureTask<String> member : crowd) {
            member.get();
        }
    }

    @Test
    void callPastTheQueue_isBusy() throws Exception {
        Turnstile turnstile = turnstile(LONG, 2, 1);
        running(turnstile, "a");
        running(turnstile, "b");
        Waiting waiting = waiting(turnstile, "c");

        assertRefused(
                turnstile,
                ErrorCode.BUSY,
                "plugin 'one' has 2 calls running and 1 waiting, the most that it takes; try again");
        plugin.leave.release(3);
        assertThat(waiting.call.get()).isEqualTo("done");
        plugin.leave.release();
        assertThat(running(turnstile, "d").get()).isEqualTo("done");
    }

    @Test
    void pluginThatRunsLessAtOnce_isNotGivenMore() throws Exception {
        plugin.maxConcurrency = 1;
        Turnstile turnstile = turnstile(LONG, 64, 0);
        running(turnstile, "a");

        assertRefused(turnstile, ErrorCode.BUSY, "1 calls running and 0 waiting");
        plugin.leave.release();
    }

    @Test
    void pluginThatCallsItself_isRefusedWhereOneCallRunsAtOnce() throws Exception {
        plugin.leave.release(3);
        for (int room : new int[] {1, 2}) {
            Turnstile turnstile = turnstile(LONG, room, 10);
            List<String> answers = new ArrayList<>();
            plugin.within = () -> {
                plugin.within = () -> {};
                try {
                    answers.add(call(turnstile, "inner"));
                } catch (PluginException e) {
                    answers.add(e.getMessage());
                }
            };

            assertThat(call(turnstile, "outer")).isEqualTo("done");

            assertThat(answers)
                    .containsExactly(
                            room == 1
                                    ? "plugin 'one' is called from within its own call, and runs one call at once"
                                    : "done");
        }
    }

    @Test
    void callWithoutRoomForItsTime_isTimedOutAndLeavesTheQueue() throws Exception {
        Turnstile turnstile = turnstile(Duration.ofMillis(20), 1, 1);
        FutureTask<String> first = running(turnstile, "a");

        for (int i = 0; i < 3; i++) {
            assertRefused(
                    turnstile,
                    ErrorCode.TIMEOUT,
                    "the call waited 20 ms and did not begin: plugin 'one' runs 1 call at once");
        }
        plugin.leave.release(2);
        assertThat(first.get()).isEqualTo("done");
        assertThat(running(turnstile, "b").get()).isEqualTo("done");
    }

    @Test
    void interruptedCall_isCancelledAndLeavesTheQueue() throws Exception {
        Turnstile turnstile = turnstile(LONG, 1, 1);
        running(turnstile, "a");
        AtomicBoolean flag = new AtomicBoolean();
        CountDownLatch cancelled = new CountDownLatch(1);
        Waiting waiting = waiting(() -> {
            assertRefused(turnstile, ErrorCode.CANCELLED, "gave up waiting for plugin 'one'");
            flag.set(Thread.currentThread().isInterrupted());
            cancelled.countDown();
            return "";
        });

        waiting.thread.interrupt();

        assertThat(cancelled.await(30, TimeUnit.SECONDS)).isTrue();
        assertThat(flag).isTrue();
        Waiting next = waiting(turnstile, "b");
        plugin.leave.release(2);
        assertThat(next.call.get()).isEqualTo("done");
    }

    @Test
    void closing_sendsThoseThatWaitAwayAndLetsTheOthersEnd() throws Exception {
        Turnstile turnstile = turnstile(LONG, 1, 10);
        FutureTask<String> inside = running(turnstile, "a");
        List<Waiting> waiting = List.of(waiting(turnstile, "b"), waiting(turnstile, "c"), waiting(turnstile, "d"));

        turnstile.close();

        for (Waiting call : waiting) {
            assertThat(call.call.get()).isEqualTo("closed");
        }
        assertThat(call(turnstile, "e")).isEqualTo("closed");
        plugin.leave.release();
        assertThat(inside.get()).isEqualTo("done");
        assertThat(plugin.begun).containsExactly("a");
    }

    /** Calls come, time out, are interrupted and end at once; no room may be lost or made. */
    @Test
    void crowd_neverExceedsTheRoomAndLosesNone() throws Exception {
        int threads = 8;
        int room = 3;
        plugin.leave.release(Integer.MAX_VALUE / 2);
        plugin.spins = 2_000;
        Turnstile turnstile = turnstile(Duration.ofNanos(30_000), room, 4);
        AtomicInteger done = new AtomicInteger();
        AtomicInteger refused = new AtomicInteger();
        List<FutureTask<String>> crowd = new ArrayList<>();
        for (int t = 0; t < threads; t++) {
            int seed = t;
            crowd.add(started(() -> {
                for (int i = 0; i < 5_000; i++) {
                    if ((i + seed) % 7 == 0) {
                        Thread.currentThread().interrupt();
                    }
                    try {
                        done.addAndGet(call(turnstile, "x").equals("done") ? 1 : 0);
                    } catch (PluginException e) {
                        refused.incrementAndGet();
                    }
                    Thread.interrupted();
                }
                return "";
            }));
        }
        for (FutureTask<String> member : crowd) {
            member.get();
        }
        assertThat(done.get() + refused.get()).isEqualTo(threads * 5_000);
        assertThat(done).hasPositiveValue();
        assertThat(plugin.most.get()).isLessThanOrEqualTo(room);

        plugin.leave.drainPermits();
        plugin.entered.drainPermits();
        for (int i = 0; i < room; i++) {
            running(turnstile, "after");
        }
        assertRefused(turnstile, ErrorCode.TIMEOUT, "runs 3 calls at once");
        plugin.leave.release(room);
    }

    private static CallOutcomes outcomes() {
        return new CallOutcomes(
                null, new RuntimeFailures(new RuntimeFailures.Limit(1, LONG)), (watch, why) -> {}, why -> {});
    }

    private Turnstile turnstile(Duration timeout, int room, int queue) {
        return new Turnstile(
                new PluginId("one"), plugin, new InvocationLimits(timeout, 1 << 20, 1 << 20, room, queue), outcomes());
    }

    private Turnstile turnstile(LongSupplier clock) {
        return new Turnstile(
                new PluginId("one"), plugin, new InvocationLimits(LONG, 1 << 20, 1 << 20, 1, 10), outcomes(), clock);
    }

    /** Starts a call and waits until it is inside. */
    private FutureTask<String> running(Turnstile turnstile, String payload) throws InterruptedException {
        FutureTask<String> call = started(() -> call(turnstile, payload));
        assertThat(plugin.entered.tryAcquire(30, TimeUnit.SECONDS)).isTrue();
        return call;
    }

    private Waiting waiting(Turnstile turnstile, String payload) {
        return waiting(() -> call(turnstile, payload));
    }

    /** Starts a call and waits until it waits. */
    private static Waiting waiting(Callable<String> work) {
        FutureTask<String> call = new FutureTask<>(work);
        Thread thread = new Thread(call);
        thread.start();
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }
        return new Waiting(call, thread);
    }

    private static FutureTask<String> started(Callable<String> work) {
        FutureTask<String> call = new FutureTask<>(work);
        new Thread(call).start();
        return call;
    }

    private static String call(Turnstile turnstile, String payload) {
        byte @Nullable [] result = turnstile.invoke(new Invocation("f", payload.getBytes(UTF_8), Caller.local("test")));
        return result == null ? "closed" : new String(result, UTF_8);
    }

    private static void assertRefused(Turnstile turnstile, ErrorCode code, String message) {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> call(turnstile, "refused"))
                .withMessageContaining(message)
                .extracting(PluginException::code)
                .isEqualTo(code);
    }

    private record Waiting(FutureTask<String> call, Thread thread) {}

    /** Its calls end when they are told to. */
    private static final class Blocking implements LoadedPlugin {

        final ConcurrentLinkedQueue<String> begun = new ConcurrentLinkedQueue<>();
        final Semaphore entered = new Semaphore(0);
        final Semaphore leave = new Semaphore(0);
        final AtomicInteger inside = new AtomicInteger();
        final AtomicInteger most = new AtomicInteger();
        volatile int maxConcurrency = Integer.MAX_VALUE;
        volatile int spins;
        volatile Runnable within = () -> {};

        @Override
        public String abi() {
            return "test";
        }

        @Override
        public List<String> functions() {
            return List.of("f");
        }

        @Override
        public List<String> isolation() {
            return List.of();
        }

        @Override
        public int maxConcurrency() {
            return maxConcurrency;
        }

        @Override
        public byte[] invoke(Invocation invocation) {
            most.accumulateAndGet(inside.incrementAndGet(), Math::max);
            begun.add(new String(invocation.payload(), UTF_8));
            entered.release();
            for (int i = 0; i < spins; i++) {
                Thread.onSpinWait();
            }
            within.run();
            leave.acquireUninterruptibly();
            inside.decrementAndGet();
            return "done".getBytes(UTF_8);
        }

        @Override
        public void close() {}
    }
}
