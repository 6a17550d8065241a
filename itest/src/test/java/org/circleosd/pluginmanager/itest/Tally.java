package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** A client that has the plugin {@code tally} count durably, without a pause, and sees whether a count is lost. */
final class Tally implements AutoCloseable {

    private static final long MAX_SECONDS = 120;

    private final String request;
    private final Client client;
    private final Thread thread = new Thread(this::run, "tally");
    private final AtomicLong counted = new AtomicLong();
    private final List<String> failures = new ArrayList<>();
    private volatile boolean stopped;

    private Tally(Client client, String name) {
        this.client = client;
        this.request = Client.invoke("tally", "add", name);
    }

    /** Starts with a name that was not counted yet. */
    static Tally start(Daemon daemon, String name) throws IOException {
        Tally tally = new Tally(daemon.connect(), name);
        tally.thread.start();
        return tally;
    }

    private void run() {
        try {
            while (!stopped && failures.isEmpty()) {
                String reply = client.ask(request);
                String expected = "{\"ok\":true,\"message\":null,\"data\":{\"resp\":\"" + (counted.get() + 1) + "\"}}";
                if (!reply.equals(expected)) {
                    failures.add("expected " + expected + ", was " + reply);
                }
                counted.incrementAndGet();
            }
        } catch (IOException e) {
            failures.add("connection lost: " + e);
        }
    }

    /** Waits until so many more were counted. */
    void awaitCounts(long more) throws IOException {
        long target = counted.get() + more;
        Poll.until(Duration.ofSeconds(MAX_SECONDS), "counts go on", () -> counted.get() >= target || !thread.isAlive());
    }

    void assertNoneLost() throws IOException {
        close();
        assertThat(failures).isEmpty();
        assertThat(counted.get()).isPositive();
    }

    @Override
    public void close() throws IOException {
        stopped = true;
        try {
            thread.join(TimeUnit.SECONDS.toMillis(MAX_SECONDS));
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(thread.isAlive()).isFalse();
        client.close();
    }
}
