package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Clients that call without a pause, each over one connection that it never renews, until closed. A wrong answer, a
 * failed call or a lost connection is kept for {@link #assertNothingFailed}.
 */
final class Load implements AutoCloseable {

    /** No client goes on for longer, whatever happens to the test. */
    private static final long MAX_SECONDS = 120;

    private final Daemon daemon;
    private final List<Thread> threads = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private final AtomicLong calls = new AtomicLong();
    private final AtomicLong longestNanos = new AtomicLong();
    private final CountDownLatch allAnswered;
    private volatile boolean stopped;

    private Load(Daemon daemon, int clients) {
        this.daemon = daemon;
        this.allAnswered = new CountDownLatch(clients);
    }

    /** Starts clients that share the calls among themselves, and waits until each had its first answer. */
    static Load start(Daemon daemon, int clients, Map<String, String> expectedByRequest) throws InterruptedException {
        Load load = new Load(daemon, clients);
        for (int i = 0; i < clients; i++) {
            Thread thread = new Thread(() -> load.run(List.copyOf(expectedByRequest.entrySet())), "client-" + i);
            thread.start();
            load.threads.add(thread);
        }
        assertThat(load.allAnswered.await(60, TimeUnit.SECONDS)).isTrue();
        return load;
    }

    private void run(List<Map.Entry<String, String>> exchanges) {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(MAX_SECONDS);
        try (Client client = daemon.connect()) {
            for (int i = 0; !stopped && System.nanoTime() < end; i++) {
                Map.Entry<String, String> exchange = exchanges.get(i % exchanges.size());
                long start = System.nanoTime();
                String reply = client.ask(exchange.getKey());
                longestNanos.accumulateAndGet(System.nanoTime() - start, Math::max);
                calls.incrementAndGet();
                if (!reply.equals(exchange.getValue())) {
                    failures.add(exchange.getKey() + " -> " + reply);
                }
                allAnswered.countDown();
            }
        } catch (IOException e) {
            failures.add("connection lost: " + e);
            allAnswered.countDown();
        }
    }

    /** Waits until the clients had this many answers more. */
    void awaitCalls(long more) throws IOException {
        long target = calls.get() + more;
        Poll.until(
                Duration.ofSeconds(MAX_SECONDS), target + " calls", () -> calls.get() >= target || !failures.isEmpty());
    }

    void assertNothingFailed() {
        close();
        assertThat(failures).isEmpty();
        assertThat(calls.get()).isPositive();
    }

    /** Returns what the clients saw, for the test's output. */
    String summary() {
        return calls + " calls, longest " + longestNanos.get() / 1_000_000 + " ms";
    }

    @Override
    public void close() {
        stopped = true;
        for (Thread thread : threads) {
            try {
                thread.join(TimeUnit.SECONDS.toMillis(60));
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            assertThat(thread.isAlive()).isFalse();
        }
    }
}
