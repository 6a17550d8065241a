package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Prints what a heavy call of a real plugin costs, the first time and once its code is hot. */
final class Formatting {

    private final Path project;
    private final Path dir;
    private final double seconds;

    Formatting(Path project, Path dir, double seconds) {
        this.project = project;
        this.dir = dir;
        this.seconds = seconds;
    }

    void run() throws IOException {
        System.out.println("formatting with a dprint plugin: CPU ms of the first call, and of the fastest");
        System.out.println(
                "             KiB in    node first   hot    stock first    hot     ours first    hot  stock/ours"
                        + "  ours/node");
        for (Dprint plugin : List.of(Dprint.JSON, Dprint.TOML)) {
            Path sample = plugin.sample(dir);
            Path module = plugin.module(project);
            Figures node = Figures.of(List.of(
                    "node",
                    project.resolve("bench/node/format.js").toString(),
                    module.toString(),
                    sample.toString(),
                    Double.toString(seconds)));
            Figures stock = Engine.STOCK.run(project, dir, "format", module, sample, seconds);
            Figures ours = Engine.OURS.run(project, dir.resolve("aot"), "format", module, sample, seconds);
            if (node.get("result") != ours.get("result") || stock.get("result") != ours.get("result")) {
                throw new IOException("the engines format differently: " + List.of(node, stock, ours));
            }
            System.out.printf(
                    Locale.ROOT,
                    "%-12s %6d %13.0f %5.1f %14.0f %6.1f %14.0f %6.1f %11.1f %10.1f%n",
                    plugin.word(),
                    Files.size(sample) >> 10,
                    node.get("first"),
                    node.get("ms"),
                    stock.get("first"),
                    stock.get("ms"),
                    ours.get("first"),
                    ours.get("ms"),
                    stock.get("ms") / ours.get("ms"),
                    ours.get("ms") / node.get("ms"));
        }
    }
}
