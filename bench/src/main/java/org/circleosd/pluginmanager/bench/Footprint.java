package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;

/** Prints what a loaded module and an instance of it keep in memory. */
final class Footprint {

    private static final int MODULES = 3;
    private static final int INSTANCES = 40;

    private final Path project;
    private final Path dir;

    Footprint(Path project, Path dir) {
        this.project = project;
        this.dir = dir;
    }

    void run() throws IOException {
        System.out.println("footprint: KiB of a module (heap, metaspace) and of an instance (heap), each called once");
        System.out.println(
                "                     stock heap  metaspace  instance    ours heap  metaspace  instance   heap ratio");
        for (Dprint plugin : Dprint.values()) {
            Path module = plugin.module(project);
            Path aot = dir.resolve("footprint-" + plugin.word());
            Figures stock = Engine.STOCK.run(project, dir, "memory", module, MODULES, INSTANCES);
            Engine.OURS.run(project, aot, "memory", module, MODULES, 1); // leaves the code in the store
            Figures ours = Engine.OURS.run(project, aot, "memory", module, MODULES, INSTANCES);
            System.out.printf(
                    Locale.ROOT,
                    "%-11s %4d KiB %10.0f %10.0f %9.0f %12.0f %10.0f %9.0f %12.1f%n",
                    plugin.word(),
                    Files.size(module) >> 10,
                    stock.get("heap"),
                    stock.get("metaspace"),
                    stock.get("instance"),
                    ours.get("heap"),
                    ours.get("metaspace"),
                    ours.get("instance"),
                    stock.get("heap") / ours.get("heap"));
        }
    }
}
