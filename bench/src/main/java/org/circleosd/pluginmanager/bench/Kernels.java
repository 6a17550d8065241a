package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Prints the CPU time of small programs in C: by gcc, in Node, in Chicory and in our engine. */
final class Kernels {

    private record Kernel(String name, int size) {}

    private static final List<Kernel> ALL = List.of(
            new Kernel("sha256", 1000),
            new Kernel("matmul", 300),
            new Kernel("mandelbrot", 300),
            new Kernel("nbody", 200_000),
            new Kernel("json", 50),
            new Kernel("sieve", 8_000_000),
            new Kernel("fib", 32),
            new Kernel("indirect", 5_000_000),
            new Kernel("mix", 400));

    private final Path project;
    private final Path store;
    private final double seconds;

    Kernels(Path project, Path dir, double seconds) {
        this.project = project;
        this.store = dir.resolve("kernels");
        this.seconds = seconds;
    }

    void run() throws IOException {
        System.out.println("kernels: CPU ms of a run (min), and as a ratio to gcc -O2");
        System.out.println("                 gcc -O2      node   stock Chicory       ours     node   stock    ours");
        List<double[]> rows = new ArrayList<>();
        for (Kernel kernel : ALL) {
            double[] millis = measure(kernel);
            rows.add(millis);
            System.out.printf(
                    Locale.ROOT,
                    "%-14s %9.2f %9.2f %15.2f %10.2f %8.2f %7.2f %7.2f%n",
                    kernel.name,
                    millis[0],
                    millis[1],
                    millis[2],
                    millis[3],
                    millis[1] / millis[0],
                    millis[2] / millis[0],
                    millis[3] / millis[0]);
        }
        System.out.printf(
                Locale.ROOT,
                "%-14s %9s %9s %15s %10s %8.2f %7.2f %7.2f%n",
                "geomean",
                "",
                "",
                "",
                "",
                geomean(rows, 1),
                geomean(rows, 2),
                geomean(rows, 3));
    }

    private double[] measure(Kernel kernel) throws IOException {
        Path folder = project.resolve("bench/target/kernels");
        String module = folder.resolve(kernel.name + ".wasm").toString();
        String size = Integer.toString(kernel.size);
        String time = Double.toString(seconds);
        List<Figures> peers = List.of(
                Figures.of(List.of(folder.resolve(kernel.name).toString(), size, time)),
                Figures.of(
                        List.of("node", project.resolve("bench/node/kernel.js").toString(), module, size, time)),
                Engine.STOCK.run(project, store, "kernel", module, size, time),
                Engine.OURS.run(project, store, "kernel", module, size, time));
        if (peers.stream().mapToDouble(peer -> peer.get("result")).distinct().count() != 1) {
            throw new IOException("the engines do not agree on " + kernel.name + ": " + peers);
        }
        return peers.stream().mapToDouble(peer -> peer.get("ms")).toArray();
    }

    private static double geomean(List<double[]> rows, int column) {
        return Math.exp(rows.stream()
                .mapToDouble(row -> Math.log(row[column] / row[0]))
                .average()
                .orElseThrow());
    }
}
