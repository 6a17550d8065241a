package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import org.circleosd.pluginmanager.bench.store.DurableStore;
import org.circleosd.pluginmanager.bench.store.JournalTask;
import org.circleosd.pluginmanager.bench.store.MvStoreTask;
import org.circleosd.pluginmanager.bench.store.SqliteTask;

/** Prints durable commits a second of records of 300 bytes, and what a restart with many records costs. */
final class Stores {

    /** Many and short: a disk changes its speed from second to second. */
    private static final int ROUNDS = 15;

    private static final int RESTARTS = 5;
    private static final int KEYS = 100;
    private static final int RECORD_BYTES = 300;
    private static final int RECORDS = 100_000;
    private static final int BATCH = 1000;

    private enum Kind {
        JOURNAL("journal, ours"),
        SQLITE("SQLite WAL, FULL"),
        MVSTORE("MVStore, sync");

        private final String words;

        Kind(String words) {
            this.words = words;
        }

        DurableStore open(Path folder) throws IOException {
            return switch (this) {
                case JOURNAL -> new JournalTask(folder);
                case SQLITE -> new SqliteTask(folder);
                case MVSTORE -> new MvStoreTask(folder);
            };
        }
    }

    private final Path dir;
    private final double seconds;
    private int folders;

    Stores(Path dir, double seconds) {
        this.dir = dir;
        this.seconds = seconds;
    }

    void run() throws IOException {
        System.out.println("durable commits of 300 bytes: per second, median of " + ROUNDS
                + " rounds in turn (least to most);" + " ratios: median of those of the rounds");
        System.out.println("store                writers   commits/s          range   ratio to SQLite   to MVStore");
        for (int writers : new int[] {1, 16}) {
            Map<Kind, List<Double>> figures = new EnumMap<>(Kind.class);
            for (Kind kind : Kind.values()) {
                figures.put(kind, new ArrayList<>());
            }
            for (int round = 0; round < ROUNDS; round++) {
                for (int turn = 0; turn < Kind.values().length; turn++) {
                    Kind kind = Kind.values()[(round + turn) % Kind.values().length];
                    Objects.requireNonNull(figures.get(kind)).add(commits(kind, writers));
                }
            }
            for (Kind kind : Kind.values()) {
                List<Double> own = Objects.requireNonNull(figures.get(kind));
                System.out.printf(
                        Locale.ROOT,
                        "%-20s %7d %11.0f %14s %17.2f %12.2f%n",
                        kind.words,
                        writers,
                        median(own),
                        String.format(Locale.ROOT, "%.0f-%.0f", Collections.min(own), Collections.max(own)),
                        median(ratios(own, Objects.requireNonNull(figures.get(Kind.SQLITE)))),
                        median(ratios(own, Objects.requireNonNull(figures.get(Kind.MVSTORE)))));
            }
        }
        System.out.println();
        System.out.println(
                "restart with " + RECORDS + " records of 300 bytes: ms until all can be read, median of " + RESTARTS);
        for (Kind kind : Kind.values()) {
            Path folder = filled(kind);
            List<Double> times = new ArrayList<>();
            for (int round = 0; round < RESTARTS; round++) {
                times.add(restart(kind, folder));
            }
            System.out.printf(Locale.ROOT, "%-20s %8.0f%n", kind.words, median(times));
        }
        System.out.printf(Locale.ROOT, "%-20s %8.0f%n", "journal, killed", killed());
    }

    private double commits(Kind kind, int writers) throws IOException {
        try (DurableStore store = kind.open(newFolder())) {
            AtomicLong commits = new AtomicLong();
            CountDownLatch go = new CountDownLatch(1);
            long[] end = new long[1];
            List<Thread> threads = new ArrayList<>();
            for (int w = 0; w < writers; w++) {
                String prefix = "writer-" + w + "-";
                Thread thread = new Thread(() -> {
                    awaitStart(go);
                    for (int i = 0; System.nanoTime() < end[0]; i++) {
                        store.put(Map.of(prefix + i % KEYS, record(i)));
                        commits.incrementAndGet();
                    }
                });
                thread.start();
                threads.add(thread);
            }
            store.put(Map.of("first", record(0)));
            long start = System.nanoTime();
            end[0] = start + (long) (seconds / ROUNDS * 1e9);
            go.countDown();
            threads.forEach(Stores::join);
            return commits.get() * 1e9 / (System.nanoTime() - start);
        }
    }

    /** Each other than the one before: SQLite writes nothing where nothing changes. */
    private static byte[] record(int number) {
        return ByteBuffer.allocate(RECORD_BYTES).putInt(number).array();
    }

    private Path filled(Kind kind) throws IOException {
        Path folder = newFolder();
        try (DurableStore store = kind.open(folder)) {
            fill(store);
        }
        return folder;
    }

    private static void fill(DurableStore store) {
        for (int from = 0; from < RECORDS; from += BATCH) {
            Map<String, byte[]> batch = new HashMap<>();
            for (int i = from; i < from + BATCH; i++) {
                batch.put("record-" + i, record(i));
            }
            store.put(batch);
        }
    }

    private static double restart(Kind kind, Path folder) throws IOException {
        long start = System.nanoTime();
        try (DurableStore store = kind.open(folder)) {
            if (store.count() != RECORDS) {
                throw new IOException(kind.words + " has " + store.count() + " records; expected " + RECORDS);
            }
            return (System.nanoTime() - start) / 1e6;
        }
    }

    /** The files as a killed process leaves them. */
    private double killed() throws IOException {
        Path folder = newFolder();
        List<Path> copies = new ArrayList<>();
        try (DurableStore store = Kind.JOURNAL.open(folder)) {
            fill(store);
            for (int round = 0; round < RESTARTS; round++) {
                copies.add(copy(folder));
            }
        }
        List<Double> times = new ArrayList<>();
        for (Path copy : copies) {
            times.add(restart(Kind.JOURNAL, copy));
        }
        return median(times);
    }

    private Path copy(Path folder) throws IOException {
        Path copy = newFolder();
        try (var files = Files.list(folder)) {
            for (Path file : files.toList()) {
                Files.copy(file, copy.resolve(file.getFileName()));
            }
        }
        return copy;
    }

    private Path newFolder() throws IOException {
        folders++;
        return Files.createDirectory(dir.resolve("store-" + folders));
    }

    private static List<Double> ratios(List<Double> own, List<Double> others) {
        List<Double> ratios = new ArrayList<>();
        for (int round = 0; round < ROUNDS; round++) {
            ratios.add(own.get(round) / others.get(round));
        }
        return ratios;
    }

    private static double median(List<Double> figures) {
        return figures.stream().sorted().toList().get(figures.size() / 2);
    }

    private static void awaitStart(CountDownLatch go) {
        try {
            go.await();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }

    private static void join(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new IllegalStateException("nobody interrupts this thread", e);
        }
    }
}
