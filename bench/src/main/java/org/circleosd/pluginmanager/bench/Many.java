package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Prints what a thousand loaded plugins cost a daemon: memory, threads, the latency of a call, and a restart. */
final class Many {

    private static final int PLUGINS = 1000;
    private static final List<String> FILES =
            List.of("hello/hello.wasm", "wordcount/wordcount.wasm", "upper/upper.wasm", "spin/spin.wasm");

    private final Path project;
    private final Path dir;
    private final double seconds;

    Many(Path project, Path dir, double seconds) {
        this.project = project;
        this.dir = dir;
        this.seconds = seconds;
    }

    void run() throws IOException {
        Path state = dir.resolve("many");
        System.out.println(
                "loaded plugins     RSS MiB   threads   load ms (mean)   invoke p50 us   p99 us   cpu us   restart s   list ms");
        try (Server daemon = Server.daemon(project, state, socket());
                Client client = new Client(socket())) {
            load(client, 0, 1);
            row(daemon, client, 1, Double.NaN, daemon.readySeconds());
            long start = System.nanoTime();
            load(client, 1, PLUGINS);
            double mean = (System.nanoTime() - start) / 1e6 / (PLUGINS - 1);
            row(daemon, client, PLUGINS, mean, Double.NaN);
        }
        long start = System.nanoTime();
        try (Server daemon = Server.daemon(project, state, socket());
                Client client = new Client(socket())) {
            while (active(client.demand("{\"action\":\"list\"}")) < PLUGINS) {
                Thread.onSpinWait();
            }
            double restart = (System.nanoTime() - start) / 1e9;
            row(daemon, client, PLUGINS, Double.NaN, restart);
        }
    }

    private Path socket() {
        return dir.resolve("many.sock");
    }

    /** The fourth part of the plugins is called; the others lie still. */
    private void load(Client client, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            Path file = project.resolve("plugins").resolve(FILES.get(i % FILES.size()));
            client.demand("{\"action\":\"load\",\"path\":\"" + file + "\",\"as\":\"many-" + i + "\"}");
        }
    }

    private static int active(String list) {
        return list.split("\"id\":\"many-", -1).length - 1 - (list.split("\"state\":\"loading\"", -1).length - 1);
    }

    private void row(Server daemon, Client client, int plugins, double loadMillis, double startSeconds)
            throws IOException {
        client.awaitRest(daemon.pid());
        ClosedLoop.Result result = new ClosedLoop(
                        socket(),
                        daemon.pid(),
                        "{\"action\":\"invoke\",\"id\":\"many-0\",\"func\":\"handle\",\"payload\":\"world\"}",
                        "Hello, world!")
                .run(1, seconds, seconds);
        long start = System.nanoTime();
        client.demand("{\"action\":\"list\"}");
        double list = (System.nanoTime() - start) / 1e6;
        ProcessFigures figures = ProcessFigures.of(daemon.pid());
        System.out.printf(
                Locale.ROOT,
                "%14d %11d %9d %16s %15.0f %8.0f %8.1f %11s %9.1f%n",
                plugins,
                figures.residentBytes() >> 20,
                figures.threads(),
                text(loadMillis),
                result.percentile(0.5),
                result.percentile(0.99),
                result.cpuMicros(),
                text(startSeconds),
                list);
    }

    private static String text(double figure) {
        return Double.isNaN(figure) ? "-" : String.format(Locale.ROOT, "%.1f", figure);
    }
}
