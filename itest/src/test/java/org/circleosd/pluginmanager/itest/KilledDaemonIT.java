package org.circleosd.pluginmanager.itest;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * The daemon is killed again and again, at random moments, while clients change their plugins. What a client was
 * answered is there afterwards, what it was not answered is done or not, and nothing is half-done.
 *
 * <p>{@code bench/soak} runs it for longer.
 */
class KilledDaemonIT {

    private static final int KILLS = Integer.getInteger("kills", 5);
    private static final long SEED = Long.getLong("seed", System.nanoTime());
    private static final int CLIENTS = 4;
    private static final int PLUGINS_EACH = 3;
    private static final int MOST_CHANGES = 150;
    private static final int MOST_NANOS = 20_000_000;
    private static final int MOST_START_MILLIS = 2_500;

    @TempDir
    private Path dir;

    private final Random random = new Random(SEED);
    private final AtomicLong changes = new AtomicLong();
    private final ConcurrentLinkedQueue<Throwable> failures = new ConcurrentLinkedQueue<>();
    private volatile boolean isKilled;
    private long recoveryNanos;

    @Test
    @Timeout(3600)
    void whatWasAnswered_isThereAfterEveryKill() throws Exception {
        System.out.println("seed " + SEED + ", " + KILLS + " kills");
        Path files = Files.createDirectory(dir.resolve("files"));
        for (int version = 1; version <= 2; version++) {
            Commands.cc(
                    Daemon.PROJECT.resolve("itest/src/test/plugins/keeper.c"),
                    files.resolve("keeper-" + version + ".so"),
                    "-fPIC",
                    "-shared",
                    "-DVERSION=" + version);
            Files.writeString(
                    files.resolve("keeper-" + version + ".json"),
                    "{\"name\":\"keeper\",\"version\":\"" + version + "\",\"plugin_type\":\"native\","
                            + "\"capabilities\":{\"kv\":{}}}");
        }
        Home home = Home.in(Files.createDirectory(dir.resolve("home")));
        Files.writeString(
                home.config().resolve("grants.json"),
                "{\"policy_version\":1,\"rules\":[{\"match\":{\"name\":\"keeper\"},\"grant\":{\"kv\":{\"quota_bytes\":4096}}}]}");
        List<List<KeptPlugin>> owned = new ArrayList<>();
        for (int i = 0; i < CLIENTS; i++) {
            owned.add(KeptPlugin.some("client" + i, PLUGINS_EACH, files, new Random(random.nextLong())));
        }
        for (int kill = 0; kill < KILLS; kill++) {
            if (random.nextInt(5) == 0) {
                killWhileItStarts(home);
            }
            long start = System.nanoTime();
            try (Daemon daemon = home.start()) {
                check(daemon, owned);
                recoveryNanos += System.nanoTime() - start;
                changeUntilKilled(daemon, owned);
            }
            assertThat(failures).as("seed %d, kill %d", SEED, kill).isEmpty();
        }
        try (Daemon daemon = home.start()) {
            check(daemon, owned);
            assertThat(daemon.terminate()).isZero();
        }
        System.out.printf(
                "%d kills, %d changes answered; from a start to all plugins checked %d ms on average%n",
                KILLS, changes.get(), recoveryNanos / KILLS / 1_000_000);
    }

    private void check(Daemon daemon, List<List<KeptPlugin>> owned) throws IOException {
        try (Client client = daemon.connect()) {
            JsonNode list = client.askJson(Daemon.LIST).get("data");
            for (List<KeptPlugin> plugins : owned) {
                for (KeptPlugin plugin : plugins) {
                    plugin.check(client, list);
                }
            }
        }
    }

    private void changeUntilKilled(Daemon daemon, List<List<KeptPlugin>> owned)
            throws IOException, InterruptedException {
        long end = changes.get() + 1 + random.nextInt(MOST_CHANGES);
        long more = random.nextInt(MOST_NANOS);
        List<Thread> threads = new ArrayList<>();
        isKilled = false;
        for (List<KeptPlugin> plugins : owned) {
            Random choice = new Random(random.nextLong());
            Thread thread = new Thread(() -> change(daemon, plugins, choice), "client");
            thread.start();
            threads.add(thread);
        }
        try {
            Poll.until(Duration.ofSeconds(120), "changes are made", () -> changes.get() >= end || !failures.isEmpty());
            // Not just behind a reply.
            LockSupport.parkNanos(more);
        } finally {
            isKilled = true;
            daemon.kill();
            for (Thread thread : threads) {
                thread.join();
            }
        }
    }

    private void change(Daemon daemon, List<KeptPlugin> plugins, Random choice) {
        try (Client client = daemon.connect()) {
            while (true) {
                plugins.get(choice.nextInt(plugins.size())).change(client);
                changes.incrementAndGet();
            }
        } catch (IOException e) {
            if (!isKilled) {
                failures.add(e);
            }
        } catch (RuntimeException | AssertionError e) {
            failures.add(e);
        }
    }

    private void killWhileItStarts(Home home) throws IOException, InterruptedException {
        Process process = home.daemonCommand()
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(home.log().toFile()))
                .start();
        process.waitFor(random.nextInt(MOST_START_MILLIS), TimeUnit.MILLISECONDS);
        process.destroyForcibly();
        Commands.await(process, "the daemon did not end");
    }
}
