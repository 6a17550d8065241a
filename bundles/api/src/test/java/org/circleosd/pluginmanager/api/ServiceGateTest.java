package org.circleosd.pluginmanager.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ServiceGateTest {

    private static final Duration LONG = Duration.ofSeconds(20);
    private static final Duration SHORT = Duration.ofMillis(20);

    @Test
    void boundService_takesTheCall() {
        ServiceGate<String> gate = new ServiceGate<>("greeter", LONG, LONG);
        gate.bind("hello");
        assertThat(gate.<Integer>call(String::length)).isEqualTo(5);
    }

    @Test
    void noService_failsWithUnavailableAfterTheWait() {
        ServiceGate<String> gate = new ServiceGate<>("greeter", SHORT, LONG);
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> gate.call(String::length))
                .withMessageContaining("greeter")
                .extracting(PluginException::code)
                .isEqualTo(ErrorCode.UNAVAILABLE);
    }

    @Test
    void callWithoutService_waitsForTheNextOne() throws Exception {
        ServiceGate<String> gate = new ServiceGate<>("greeter", LONG, LONG);
        CompletableFuture<String> call = CompletableFuture.supplyAsync(() -> gate.call(service -> service));
        gate.bind("late");
        assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo("late");
    }

    @Test
    void unbind_waitsForCallsInFlight() throws Exception {
        ServiceGate<String> gate = new ServiceGate<>("greeter", LONG, LONG);
        String service = "old";
        gate.bind(service);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<String> call = CompletableFuture.supplyAsync(() -> gate.call(s -> {
            inside.countDown();
            await(go);
            return s;
        }));
        await(inside);
        CompletableFuture<Boolean> unbound = CompletableFuture.supplyAsync(() -> {
            gate.unbind(service);
            return call.isDone() || go.getCount() == 0;
        });
        while (gate.isBound()) {
            Thread.onSpinWait();
        }
        assertThat(unbound).isNotDone();
        go.countDown();
        assertThat(unbound.get(20, TimeUnit.SECONDS)).isTrue();
        assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo("old");
    }

    @Test
    void unbind_isBounded() throws Exception {
        ServiceGate<String> gate = new ServiceGate<>("greeter", LONG, SHORT);
        String service = "old";
        gate.bind(service);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<String> call = CompletableFuture.supplyAsync(() -> gate.call(s -> {
            inside.countDown();
            await(go);
            return s;
        }));
        await(inside);
        gate.unbind(service);
        assertThat(call).isNotDone();
        go.countDown();
        assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo("old");
    }

    @Test
    void replacementBoundFirst_leavesNoGapAndStillDrainsTheOld() throws Exception {
        ServiceGate<String> gate = new ServiceGate<>("greeter", SHORT, LONG);
        String old = "old";
        gate.bind(old);
        CountDownLatch inside = new CountDownLatch(1);
        CountDownLatch go = new CountDownLatch(1);
        CompletableFuture<String> call = CompletableFuture.supplyAsync(() -> gate.call(s -> {
            inside.countDown();
            await(go);
            return s;
        }));
        await(inside);
        gate.bind("new");
        assertThat(gate.<String>call(s -> s)).isEqualTo("new");
        CompletableFuture<Void> unbound = CompletableFuture.runAsync(() -> gate.unbind(old));
        assertThat(gate.<String>call(s -> s)).isEqualTo("new");
        assertThat(unbound).isNotDone();
        go.countDown();
        unbound.get(20, TimeUnit.SECONDS);
        assertThat(call.get(20, TimeUnit.SECONDS)).isEqualTo("old");
        assertThat(gate.isBound()).isTrue();
    }

    @Test
    void higherRanking_takesTheCallsWheneverItWasBound() {
        ServiceGate<String> gate = new ServiceGate<>("greeter", SHORT, LONG);
        gate.bind("best", 10);
        gate.bind("fallback", -1);
        assertThat(gate.<String>call(s -> s)).isEqualTo("best");
        gate.unbind("best");
        assertThat(gate.<String>call(s -> s)).isEqualTo("fallback");
    }

    @Test
    void refusal_endsTheWaitAndTheNextBindLiftsIt() throws Exception {
        ServiceGate<String> gate = new ServiceGate<>("greeter", LONG, LONG);
        CompletableFuture<String> call = CompletableFuture.supplyAsync(() -> gate.call(s -> s));
        gate.refuse(ErrorCode.PLUGIN_NOT_FOUND, "gone");
        assertThat(call)
                .failsWithin(Duration.ofSeconds(20))
                .withThrowableThat()
                .withCauseInstanceOf(PluginException.class)
                .withMessageContaining("gone");
        gate.bind("back");
        assertThat(gate.<String>call(s -> s)).isEqualTo("back");
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(20, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
