package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Prints how long it takes from a plugin's bytes to the answer of its first, trivial call. */
final class Loads {

    /** The first load of a JVM is another figure than those that follow it. */
    private static final int TIMES = 6;

    private final Path project;
    private final Path dir;

    Loads(Path project, Path dir) {
        this.project = project;
        this.dir = dir;
    }

    void run() throws IOException {
        System.out.println(
                "loads: wall ms until the first answer. cold: nothing is kept of an earlier load; restart: something is,");
        System.out.println("the JVM is fresh; warm: again in the same JVM (min)");
        System.out.println(
                "                     stock cold    warm   Chicory's cache: restart    warm   ours: cold  restart    warm"
                        + "   warm ratio to the cache");
        for (Dprint plugin : Dprint.values()) {
            Path module = plugin.module(project);
            Path aot = dir.resolve("load-aot-" + plugin.word());
            Path cache = dir.resolve("load-cache-" + plugin.word());
            Figures stock = Engine.STOCK.run(project, dir, "load", module, 2);
            Engine.CACHED.run(project, cache, "load", module, 1);
            Figures cached = Engine.CACHED.run(project, cache, "load", module, TIMES);
            Figures cold = Engine.OURS.run(project, aot, "load", module, 1);
            Figures ours = Engine.OURS.run(project, aot, "load", module, TIMES);
            System.out.printf(
                    Locale.ROOT,
                    "%-11s %4d KiB %10.0f %7.0f %26.0f %7.0f %12.0f %8.0f %7.0f %15.1f%n",
                    plugin.word(),
                    Files.size(module) >> 10,
                    stock.get("first"),
                    stock.get("again"),
                    cached.get("first"),
                    cached.get("again"),
                    cold.get("first"),
                    ours.get("first"),
                    ours.get("again"),
                    cached.get("again") / ours.get("again"));
        }
    }
}
