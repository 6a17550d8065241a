package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Runs the benchmarks that are named, or all. */
public final class Bench {

    /** One table or a few that belong together. */
    private enum Table {
        START,
        ROUND_TRIP,
        KERNELS,
        FORMATTING,
        LOADS,
        FOOTPRINT,
        CALLS,
        WARM_UP,
        MANY,
        EXTISM,
        NATIVE,
        CRASHES,
        REDEPLOY,
        STORE;

        String word() {
            return name().toLowerCase(Locale.ROOT).replace('_', '-');
        }
    }

    private static final String USAGE = """
            usage: bench/run TABLE [SECONDS]
              start        what a start of the daemon costs
              round-trip   latency, throughput and CPU of requests, beside two echo servers
              kernels      small programs in C: gcc, Node, Chicory out of the box, our engine
              formatting   calls of real plugins from npm: Node, Chicory out of the box, our engine
              loads        the same plugins: from their bytes to the first answer, cold, after a restart, warm
              footprint    the same plugins: heap and metaspace of a module and of an instance
              calls        crossing a guest's border, making an instance, resetting one
              warm-up      first calls of a big plugin in the daemon, without and with the manifest's warmup
              many         a daemon with a thousand plugins: memory, threads, latency, restart
              extism       an Extism plugin in the daemon, and in a Node server with Extism's own SDK
              native       calls, loads and recoveries of native plugins in workers, beside HashiCorp's go-plugin
              crashes      500 crashes of a native plugin (or as many as stand in place of SECONDS) beside two others
              redeploy     a daemon under load while each of its parts is replaced, 20 times in each way (or as many as
                           stand in place of SECONDS; a seed and the parts, with commas, may follow)
              store        durable commits and a restart of the state store, beside SQLite and MVStore
              all          all of them, one after the other
            SECONDS is how long each figure is measured, 5 if absent; formatting takes eight times as long.""";

    private Bench() {}

    /** Takes the project's folder, what to run, and how long to measure each figure. */
    public static void main(String[] args) throws IOException {
        List<Table> tables = args.length > 1 ? tables(args[1]) : List.of();
        if (tables.isEmpty()) {
            System.err.println(USAGE);
            System.exit(2);
        }
        Path project = Path.of(args[0]).toAbsolutePath();
        double seconds = args.length > 2 ? Double.parseDouble(args[2]) : 5;
        // Short, because a socket's path is.
        Path dir = Files.createTempDirectory("pm-bench");
        System.out.println(
                "java " + Runtime.version() + ", " + Runtime.getRuntime().availableProcessors() + " processors");
        for (Table table : tables) {
            System.out.println();
            switch (table) {
                case START -> StartUp.run(project, dir);
                case ROUND_TRIP -> new RoundTrip(seconds).run(project, dir);
                case KERNELS -> new Kernels(project, dir, seconds).run();
                // The JVM takes that long to compile such a plugin.
                case FORMATTING -> new Formatting(project, dir, 8 * seconds).run();
                case LOADS -> new Loads(project, dir).run();
                case FOOTPRINT -> new Footprint(project, dir).run();
                case CALLS -> new Calls(project, dir, seconds).run();
                case WARM_UP -> new WarmUp(project, dir).run();
                case MANY -> new Many(project, dir, seconds).run();
                case EXTISM -> new Extism(project, dir, seconds).run();
                case NATIVE -> new Native(project, dir, seconds).run();
                case CRASHES ->
                    new Crashes(project, dir, tables.size() == 1 && args.length > 2 ? (int) seconds : 500).run();
                case STORE -> new Stores(dir, seconds).run();
                case REDEPLOY -> {
                    int rounds = tables.size() == 1 && args.length > 2 ? (int) seconds : 20;
                    long seed = args.length > 3 ? Long.parseLong(args[3]) : 1;
                    List<String> rooms = args.length > 4 ? List.of(args[4].split(",", -1)) : List.of();
                    new Redeploy(project, dir, rounds, seed, rooms).run();
                }
            }
        }
        delete(dir);
    }

    /** Not after a failure: then the folder tells more. */
    private static void delete(Path dir) throws IOException {
        try (Stream<Path> files = Files.walk(dir)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }

    private static List<Table> tables(String word) {
        List<Table> all = List.of(Table.values());
        return word.equals("all")
                ? all
                : all.stream().filter(table -> table.word().equals(word)).toList();
    }
}
