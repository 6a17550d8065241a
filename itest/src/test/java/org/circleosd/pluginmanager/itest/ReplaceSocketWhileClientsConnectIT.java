package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicLong;
import org.circleosd.pluginmanager.itest.Replacements.Way;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The bundle of the socket is replaced: what was asked is answered, and nobody who connects is refused. */
@Timeout(300)
class ReplaceSocketWhileClientsConnectIT {

    private static final int CLIENTS = 4;

    @TempDir
    private Path dir;

    private Daemon daemon;
    private Replacements replacements;

    @BeforeEach
    void start() throws IOException {
        Home home = Home.in(Files.createDirectory(dir.resolve("home")))
                .set("deploy", "poll.ms", "50")
                .set("socket", "stop.ms", "60000");
        TestPlugins.waitingKit(dir, home.config());
        daemon = home.start();
        replacements = new Replacements(daemon, Files.createDirectory(dir.resolve("jars")));
        assertThat(daemon.ask(Client.load(TestPlugins.example("hello.wasm")))).contains("loaded");
    }

    @AfterEach
    void stop() {
        daemon.close();
    }

    @Test
    void callInWork_isAnsweredFirst_andWhoConnectsWaits() throws Exception {
        Path fifo = dir.resolve("fifo");
        assertThat(Commands.run(new ProcessBuilder("mkfifo", fifo.toString())).status())
                .isZero();
        assertThat(daemon.ask(Client.load(dir.resolve("kit.so")))).contains("loaded");
        try (Client busy = daemon.connect();
                Client idle = daemon.connect()) {
            busy.send(Client.invoke("kit", "wait", fifo.toString()));
            CompletableFuture<Void> update;
            Client early;
            try (OutputStream inTheCall = Files.newOutputStream(fifo)) {
                assertThat(idle.ask(Survivor.CANARY)).isEqualTo(Survivor.CANARY_REPLY);
                update = CompletableFuture.runAsync(() -> replace(Way.SHELL));
                assertThat(idle.isAtEnd()).isTrue();
                early = daemon.connect();
                early.send(Survivor.CANARY);
                inTheCall.write('x');
            }
            try (early) {
                assertThat(busy.receive()).contains("went on");
                assertThat(busy.isAtEnd()).isTrue();
                assertThat(early.receive()).isEqualTo(Survivor.CANARY_REPLY);
            }
            update.join();
        }
    }

    @ParameterizedTest
    @EnumSource(Way.class)
    void clientsThatConnect_areNeverRefused(Way way) throws Exception {
        Connecting clients = new Connecting(daemon);
        try (clients) {
            for (int i = 0; i < 2; i++) {
                replacements.replace("socket", way);
                clients.awaitAnswers(20);
            }
        }
        assertThat(clients.failures).isEmpty();
    }

    private void replace(Way way) {
        try {
            replacements.replace("socket", way);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Clients that connect, ask once and leave, again and again. One that is closed before its answer asks again. */
    private static final class Connecting implements AutoCloseable {

        final ConcurrentLinkedQueue<String> failures = new ConcurrentLinkedQueue<>();
        private final AtomicLong answers = new AtomicLong();
        private final ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
        private final List<CompletableFuture<Void>> running = new ArrayList<>();
        private final Daemon daemon;
        private volatile boolean stopped;

        Connecting(Daemon daemon) {
            this.daemon = daemon;
            for (int i = 0; i < CLIENTS; i++) {
                running.add(CompletableFuture.runAsync(this::run, threads));
            }
        }

        private void run() {
            while (!stopped && failures.isEmpty()) {
                try (Client client = daemon.connect()) {
                    ask(client);
                } catch (IOException e) {
                    failures.add("refused: " + e);
                }
            }
        }

        private void ask(Client client) {
            String reply;
            try {
                reply = client.ask(Survivor.CANARY);
            } catch (IOException e) {
                return; // the server left between the connection and the request
            }
            if (!reply.equals(Survivor.CANARY_REPLY)) {
                failures.add(reply);
            }
            answers.incrementAndGet();
        }

        void awaitAnswers(long more) throws IOException {
            long target = answers.get() + more;
            Poll.until(
                    Duration.ofSeconds(60),
                    "clients get answers: " + failures,
                    () -> answers.get() >= target || !failures.isEmpty());
        }

        @Override
        public void close() {
            stopped = true;
            running.forEach(CompletableFuture::join);
            threads.shutdown();
        }
    }
}
