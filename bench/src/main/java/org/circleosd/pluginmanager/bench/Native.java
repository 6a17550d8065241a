package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Prints what native plugins cost in worker processes, beside HashiCorp's go-plugin. */
final class Native {

    private static final List<Integer> SIZES = List.of(0, 1 << 10, 64 << 10, 1 << 20);
    private static final int ROUNDS = 10;
    private static final String LIBRARY = "mortal.so";
    private static final String GRPC = "go-plugin, gRPC";
    private static final String NET_RPC = "go-plugin, net/rpc";

    private final Path project;
    private final Path dir;
    private final double seconds;
    /** The figures of each peer, in the order of the rows. */
    private final Map<String, Map<String, Double>> peers = new LinkedHashMap<>();

    Native(Path project, Path dir, double seconds) throws IOException {
        this.project = project;
        this.dir = Files.createDirectories(dir.resolve("native"));
        this.seconds = seconds;
    }

    void run() throws IOException {
        Files.copy(project.resolve("bench/target/native").resolve(LIBRARY), dir.resolve(LIBRARY));
        goPlugin(GRPC, "grpc");
        goPlugin(NET_RPC, "netrpc");
        for (String worker : List.of("c", "jvm")) {
            daemon(worker, 0);
            daemon(worker, 1);
        }
        printCalls();
        System.out.println();
        printLives();
    }

    /** Its sockets go where everything goes. */
    private void goPlugin(String name, String transport) throws IOException {
        Figures figures = Figures.of(List.of(
                "env",
                "TMPDIR=" + dir,
                project.resolve("bench/target/go-plugin/go-plugin").toString(),
                transport,
                Double.toString(seconds)));
        peers.put(name, figures.byName());
    }

    /** Measures the daemon with workers of one kind; without a spare also such a worker alone. */
    private void daemon(String worker, int spares) throws IOException {
        Map<String, Double> figures = new HashMap<>();
        peers.put(worker + " worker, " + spares + " spare", figures);
        Map<String, String> settings = Map.of(
                "socket/max.request.bytes",
                "4194304",
                "nativeloader/worker",
                worker,
                "nativeloader/spares",
                Integer.toString(spares));
        try (NativeDaemon daemon =
                new NativeDaemon(project, dir.resolve(worker + spares), dir.resolve(LIBRARY), settings)) {
            double[] start = new double[ROUNDS];
            double[] recovery = new double[ROUNDS];
            for (int i = 0; i < ROUNDS; i++) {
                daemon.awaitRest();
                long begin = System.nanoTime();
                daemon.load("life-" + i);
                daemon.echo("life-" + i);
                start[i] = millisSince(begin);
                daemon.awaitRest();
                recovery[i] = daemon.crash("life-" + i, "segv");
                daemon.unload("life-" + i);
            }
            putLives(figures, start, recovery);
            daemon.load("echo");
            daemon.echo("echo");
            daemon.awaitRest();
            if (spares > 0) {
                calls(daemon, figures);
            } else {
                putMemory(figures, daemon.workerPid());
                // The program's files go with the daemon.
                alone(worker + " worker, alone", daemon.workerCommand());
            }
        }
    }

    private void calls(NativeDaemon daemon, Map<String, Double> figures) throws IOException {
        for (int size : SIZES) {
            String payload = "x".repeat(size);
            ClosedLoop loop = new ClosedLoop(
                    daemon.socket(), daemon.pid(), NativeDaemon.invoke("echo", "echo", payload), '"' + payload + '"');
            putCalls(figures, size, loop.run(1, seconds / 2, seconds));
        }
    }

    private void alone(String name, List<String> command) throws IOException {
        Map<String, Double> figures = new HashMap<>();
        peers.put(name, figures);
        double[] ready = new double[ROUNDS];
        double[] start = new double[ROUNDS];
        double[] recovery = new double[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            long begin = System.nanoTime();
            try (NativeWorker worker = new NativeWorker(command, dir)) {
                ready[i] = millisSince(begin);
                firstAnswer(worker);
                start[i] = millisSince(begin);
                begin = System.nanoTime();
                worker.die("segv");
            }
            try (NativeWorker worker = new NativeWorker(command, dir)) {
                firstAnswer(worker);
                recovery[i] = millisSince(begin);
            }
        }
        figures.put("ready", median(ready));
        putLives(figures, start, recovery);
        try (NativeWorker worker = new NativeWorker(command, dir)) {
            firstAnswer(worker);
            for (int size : SIZES) {
                calls(worker, size, seconds / 2);
                putCalls(figures, size, calls(worker, size, seconds));
                if (size == 0) {
                    putMemory(figures, worker.pid());
                }
            }
        }
    }

    private static void firstAnswer(NativeWorker worker) throws IOException {
        worker.load(LIBRARY);
        worker.echo(new byte[0]);
    }

    private static ClosedLoop.Result calls(NativeWorker worker, int size, double seconds) throws IOException {
        byte[] payload = new byte[size];
        double[] micros = new double[ClosedLoop.MAX_SAMPLES];
        double cpu = cpuSeconds(worker);
        long start = System.nanoTime();
        long end = start + (long) (seconds * 1e9);
        int count = 0;
        for (long sent = start; sent < end && count < micros.length; count++) {
            worker.echo(payload);
            long now = System.nanoTime();
            micros[count] = (now - sent) / 1e3;
            sent = now;
        }
        double took = (System.nanoTime() - start) / 1e9;
        return ClosedLoop.Result.of(micros, count, took, cpuSeconds(worker) - cpu);
    }

    /** Of the worker and of who calls it, as go-plugin's figure is of plugin and host. */
    private static double cpuSeconds(NativeWorker worker) throws IOException {
        return ProcessFigures.of(worker.pid()).cpuSeconds()
                + ProcessFigures.of(ProcessHandle.current().pid()).cpuSeconds();
    }

    private static double millisSince(long begin) {
        return (System.nanoTime() - begin) / 1e6;
    }

    private static double median(double[] figures) {
        double[] sorted = figures.clone();
        Arrays.sort(sorted);
        return sorted[sorted.length / 2];
    }

    private static void putLives(Map<String, Double> figures, double[] start, double[] recovery) {
        figures.put("start", median(start));
        figures.put("recovery", median(recovery));
    }

    private static void putCalls(Map<String, Double> figures, int size, ClosedLoop.Result result) {
        figures.put("p50-" + size, result.percentile(0.5));
        figures.put("p99-" + size, result.percentile(0.99));
        figures.put("cpu-" + size, result.cpuMicros());
    }

    private static void putMemory(Map<String, Double> figures, long pid) throws IOException {
        figures.put("rss", ProcessFigures.of(pid).residentBytes() / 1024.0);
        figures.put("private", ProcessFigures.privateBytes(pid) / 1024.0);
    }

    private void printCalls() {
        System.out.println(
                "native: an echo in another process, called again and again; alone: frames through the worker's");
        System.out.println(
                "pipes; otherwise JSON through the daemon's socket. CPU is of both processes; ratios are of the p50");
        System.out.println("  bytes                            p50 us    p99 us    cpu us   to gRPC   to net/rpc");
        for (int size : SIZES) {
            for (String peer : peers.keySet()) {
                if (Double.isNaN(figure(peer, "p50-" + size))) {
                    continue;
                }
                System.out.printf(
                        Locale.ROOT,
                        "%7d  %-22s %10.1f %9.1f %9.1f %9.2f %12.2f%n",
                        size,
                        peer,
                        figure(peer, "p50-" + size),
                        figure(peer, "p99-" + size),
                        figure(peer, "cpu-" + size),
                        figure(peer, "p50-" + size) / figure(GRPC, "p50-" + size),
                        figure(peer, "p50-" + size) / figure(NET_RPC, "p50-" + size));
            }
        }
    }

    private void printLives() {
        System.out.println(
                "native: ms until the process is ready, until the plugin's first answer, and from the call that");
        System.out.println("crashes it to its next answer (p50 of " + ROUNDS + "); memory of its process");
        System.out.println(
                "                        ready   first answer   to gRPC   after a crash   to gRPC   RSS KiB   private KiB");
        for (String peer : peers.keySet()) {
            System.out.printf(
                    Locale.ROOT,
                    "%-22s %6s %14.1f %9.2f %15.1f %9.2f %9s %13s%n",
                    peer,
                    text(figure(peer, "ready"), "%.1f"),
                    figure(peer, "start"),
                    figure(peer, "start") / figure(GRPC, "start"),
                    figure(peer, "recovery"),
                    figure(peer, "recovery") / figure(GRPC, "recovery"),
                    text(figure(peer, "rss"), "%.0f"),
                    text(figure(peer, "private"), "%.0f"));
        }
    }

    private double figure(String peer, String name) {
        return peers.getOrDefault(peer, Map.of()).getOrDefault(name, Double.NaN);
    }

    private static String text(double figure, String format) {
        return Double.isNaN(figure) ? "-" : String.format(Locale.ROOT, format, figure);
    }
}
