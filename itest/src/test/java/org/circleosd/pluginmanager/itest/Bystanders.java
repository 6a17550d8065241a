package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * Who must not notice anything while a native plugin goes wild: a wasm plugin and a native one that a client calls all
 * the time, the daemon's files, its settings and what it holds.
 */
final class Bystanders implements AutoCloseable {

    /** Between two calls: they shall be there, and leave the processors to the test. */
    private static final long PAUSE_NANOS = Duration.ofMillis(3).toNanos();

    private static final Duration BOUND = Duration.ofSeconds(60);
    /** Threads and files that the JVM starts and opens when it likes. */
    private static final int SLACK = 16;

    private final Daemon daemon;
    private final long worker;
    private final List<Exchange> exchanges;
    private final Thread caller;
    private final AtomicLong answers = new AtomicLong();
    private final AtomicLong longestNanos = new AtomicLong();
    private final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean stopped;
    private FileTree files;
    private String settings;
    private long threads;
    private long descriptors;

    private record Exchange(String request, String reply) {}

    private Bystanders(Daemon daemon, long worker) throws IOException {
        this.daemon = daemon;
        this.worker = worker;
        this.exchanges = List.of(
                new Exchange(Survivor.CANARY, Survivor.CANARY_REPLY),
                new Exchange(
                        Client.invoke("canary", "pid", ""),
                        "{\"ok\":true,\"message\":null,\"data\":{\"resp\":\"" + worker + "\"}}"));
        this.caller = new Thread(this::call, "bystander");
        caller.setDaemon(true);
        this.files = FileTree.withoutPlugins(daemon.home().dir());
        this.settings = settings();
    }

    /**
     * Loads them and begins to call them.
     *
     * @param native_ a build of the hostile plugin, which is asked for its process all the time
     */
    static Bystanders in(Daemon daemon, Path native_, Path manifest) throws IOException {
        assertThat(daemon.ask(Client.load(TestPlugins.example("hello.wasm")))).contains("\"message\":\"loaded\"");
        assertThat(daemon.ask(Client.load(native_, manifest, "canary"))).contains("\"message\":\"loaded\"");
        long worker = Client.json(daemon.ask(Client.invoke("canary", "pid", "")))
                .at("/data/resp")
                .asLong();
        Bystanders bystanders = new Bystanders(daemon, worker);
        bystanders.caller.start();
        bystanders.awaitAnswers(exchangesOnce());
        return bystanders;
    }

    private static int exchangesOnce() {
        return 4;
    }

    /** The process of the native one. */
    long worker() {
        return worker;
    }

    /** Takes what is there now for how it has to stay. */
    void settle() throws IOException {
        daemon.settledList();
        files = FileTree.withoutPlugins(daemon.home().dir());
        settings = settings();
        threads = daemon.count("task");
        descriptors = daemon.count("fd");
    }

    /** All calls were answered, now too; files and settings are as they were. */
    void assertUnhurt() throws IOException {
        awaitAnswers(exchangesOnce());
        assertThat(FileTree.withoutPlugins(daemon.home().dir()).differences(files))
                .isEmpty();
        assertThat(settings()).isEqualTo(settings);
    }

    /** What the daemon took for others it has given back. */
    void assertNothingIsLeft() throws IOException {
        Poll.until(BOUND, "threads have ended", () -> daemon.count("task") <= threads + SLACK);
        Poll.until(BOUND, "files are closed", () -> daemon.count("fd") <= descriptors + SLACK);
    }

    String summary() {
        return answers + " calls of bystanders, longest " + longestNanos.get() / 1_000_000 + " ms";
    }

    private void awaitAnswers(int more) throws IOException {
        long target = answers.get() + more;
        Poll.until(BOUND, "the bystanders answer", () -> answers.get() >= target || !failures.isEmpty());
        assertThat(failures).isEmpty();
    }

    private void call() {
        try (Client client = daemon.connect()) {
            for (int i = 0; !stopped; i++) {
                Exchange exchange = exchanges.get(i % exchanges.size());
                long start = System.nanoTime();
                String reply = client.ask(exchange.request());
                longestNanos.accumulateAndGet(System.nanoTime() - start, Math::max);
                if (!reply.equals(exchange.reply())) {
                    failures.add(exchange.request() + " -> " + reply);
                }
                answers.incrementAndGet();
                LockSupport.parkNanos(PAUSE_NANOS);
            }
        } catch (IOException e) {
            failures.add("connection lost: " + e);
        }
    }

    /** What other processes of the same user could set for the daemon. */
    private String settings() throws IOException {
        return Settings.of(daemon.pid()) + "\n" + Settings.of(worker);
    }

    @Override
    public void close() {
        stopped = true;
        try {
            caller.join(BOUND.toMillis());
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        assertThat(caller.isAlive()).isFalse();
        assertThat(failures).isEmpty();
    }
}
