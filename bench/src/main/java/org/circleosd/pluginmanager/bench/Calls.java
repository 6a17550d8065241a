package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/** Prints what it costs to cross the border of a guest, to make an instance and to reset one. */
final class Calls {

    private final Path project;
    private final Path dir;
    private final double seconds;

    Calls(Path project, Path dir, double seconds) {
        this.project = project;
        this.dir = dir;
        this.seconds = seconds;
    }

    void run() throws IOException {
        Path module = project.resolve("bench/target/modules/calls.wasm");
        System.out.println(
                "calls: CPU ns of a call into the guest and out of it; CPU us to make an instance of 4 MiB and call it,");
        System.out.println(
                "and to reset one, per MiB of its memory: after a call that wrote to every page, and to none");
        System.out.println("         add(i32,i32)  guest to host    instance us    reset us/MiB  untouched");
        print(
                "node",
                Figures.of(List.of(
                        "node",
                        project.resolve("bench/node/calls.js").toString(),
                        module.toString(),
                        Double.toString(seconds))));
        print("stock", Engine.STOCK.run(project, dir, "calls", module, seconds));
        print("ours", Engine.OURS.run(project, dir.resolve("aot"), "calls", module, seconds));
    }

    private static void print(String name, Figures figures) {
        System.out.printf(
                Locale.ROOT,
                "%-8s %13s %14s %14s %15s %10s%n",
                name,
                text(figures, "add"),
                text(figures, "host"),
                text(figures, "instance"),
                text(figures, "reset"),
                text(figures, "clean"));
    }

    private static String text(Figures figures, String name) {
        double value = figures.get(name);
        return Double.isNaN(value) ? "-" : String.format(Locale.ROOT, "%.1f", value);
    }
}
