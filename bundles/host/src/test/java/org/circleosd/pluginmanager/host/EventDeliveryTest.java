package org.circleosd.pluginmanager.host;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.FutureTask;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.stream.LongStream;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class EventDeliveryTest {

    private final ExecutorService threads =
            Executors.newCachedThreadPool(new NamedThreads("test", NamedThreads.SMALL_STACK));
    private final ConcurrentLinkedQueue<Long> heard = new ConcurrentLinkedQueue<>();
    private final Semaphore done = new Semaphore(0);

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void events_areToldInOrderOneAtATime() throws Exception {
        Semaphore alone = new Semaphore(1);
        EventDelivery delivery = delivery(n -> {
            assertThat(alone.tryAcquire()).isTrue();
            heard.add(n);
            alone.release();
        });
        for (long n = 1; n <= 1_000; n++) {
            delivery.offer(event(n));
        }
        await(1_000);
        assertThat(heard)
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 1_000).boxed().toList());
    }

    @Test
    void listenerThatThrows_getsTheNextEvent() throws Exception {
        EventDelivery delivery = delivery(n -> {
            heard.add(n);
            if (n == 1) {
                throw new IllegalStateException("plain wrong");
            }
            if (n == 2) {
                throw new NoClassDefFoundError("of a bundle that left");
            }
        });
        for (long n = 1; n <= 3; n++) {
            delivery.offer(event(n));
        }
        await(3);
        assertThat(heard).containsExactly(1L, 2L, 3L);
    }

    @Test
    void listenerThatHangs_holdsNobodyUpAndLosesTheOldest() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        Semaphore go = new Semaphore(0);
        EventDelivery slow = delivery(n -> {
            inside.countDown();
            go.acquireUninterruptibly();
            heard.add(n);
        });
        slow.offer(event(1));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        long last = EventDelivery.QUEUE + 4L;

        for (long n = 2; n <= last; n++) {
            slow.offer(event(n));
        }
        go.release((int) last);

        await(EventDelivery.QUEUE + 1);
        assertThat(heard)
                .hasSize(EventDelivery.QUEUE + 1)
                .startsWith(1L, 5L, 6L)
                .endsWith(last);
    }

    @Test
    void closing_waitsForTheEventThatIsBeingToldAndForgetsTheRest() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        Semaphore go = new Semaphore(0);
        EventDelivery delivery = delivery(n -> {
            inside.countDown();
            go.acquireUninterruptibly();
            heard.add(n);
        });
        delivery.offer(event(1));
        delivery.offer(event(2));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        FutureTask<List<Long>> closing = new FutureTask<>(() -> {
            delivery.close(TestHost.LONG);
            return List.copyOf(heard);
        });
        Thread thread = new Thread(closing);
        thread.start();
        while (thread.getState() != Thread.State.TIMED_WAITING) {
            Thread.onSpinWait();
        }

        go.release(2);

        assertThat(closing.get(30, TimeUnit.SECONDS)).containsExactly(1L);
        delivery.offer(event(3));
        await(1);
        assertThat(done.tryAcquire()).isFalse();
    }

    @Test
    void closing_isBoundedWhileAListenerHangs() throws Exception {
        CountDownLatch inside = new CountDownLatch(1);
        Semaphore go = new Semaphore(0);
        EventDelivery delivery = delivery(n -> {
            inside.countDown();
            go.acquireUninterruptibly();
        });
        delivery.offer(event(1));
        assertThat(inside.await(30, TimeUnit.SECONDS)).isTrue();
        delivery.close(Duration.ofMillis(20));
        go.release();
        await(1);
    }

    @Test
    void listenerThatLeavesWithinAnEvent_doesNotWaitForItself() throws Exception {
        CountDownLatch closed = new CountDownLatch(1);
        EventDelivery[] delivery = new EventDelivery[1];
        delivery[0] = delivery(n -> {
            delivery[0].close(TestHost.LONG);
            closed.countDown();
        });
        delivery[0].offer(event(1));
        assertThat(closed.await(20, TimeUnit.SECONDS)).isTrue();
    }

    private EventDelivery delivery(LongConsumer listener) {
        return new EventDelivery(
                event -> {
                    try {
                        listener.accept(event.sequence());
                    } finally {
                        done.release();
                    }
                },
                threads);
    }

    private void await(int events) throws InterruptedException {
        assertThat(done.tryAcquire(events, 30, TimeUnit.SECONDS)).isTrue();
    }

    private static PluginEvent event(long sequence) {
        return new PluginEvent(sequence, Instant.EPOCH, PluginEvent.Kind.ACTIVE, TestHost.ONE, null, "");
    }
}
