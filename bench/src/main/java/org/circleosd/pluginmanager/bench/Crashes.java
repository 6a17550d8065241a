package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/** Prints what other plugins notice while a native plugin crashes again and again, and how fast it comes back. */
final class Crashes {

    /** Functions of the plugin. */
    private static final List<String> DEATHS =
            List.of("segv", "jump", "abort", "stack", "double-free", "exit", "_exit", "trap", "thread", "loop");

    private static final long QUIET_SECONDS = 5;

    private final Path project;
    private final Path dir;
    private final int count;

    Crashes(Path project, Path dir, int count) throws IOException {
        this.project = project;
        this.dir = Files.createDirectories(dir.resolve("crashes"));
        this.count = count;
    }

    private record Canaries(Canary wasm, Canary library) implements AutoCloseable {

        Canaries(Path socket) throws IOException {
            this(
                    new Canary(socket, NativeDaemon.invoke("hello", "handle", "world"), "Hello, world!"),
                    new Canary(socket, NativeDaemon.invoke("canary", "echo", "sings"), "\"sings\""));
        }

        @Override
        public void close() throws IOException {
            try (library) {
                wasm.close();
            }
        }
    }

    void run() throws IOException {
        Path library = Files.copy(project.resolve("bench/target/native/mortal.so"), dir.resolve("mortal.so"));
        // One way to die is to never return.
        Path manifest = Files.writeString(
                dir.resolve("impatient.json"),
                "{\"name\":\"mortal\",\"plugin_type\":\"native\",\"limits\":{\"timeout_ms\":500}}");
        // The plugin is not put out of service, and the wait before it comes back does not grow to what hides the rest.
        Map<String, String> settings = Map.of("nativeloader/crash.limit", "1000000", "nativeloader/restart.ms", "1");
        try (NativeDaemon daemon = new NativeDaemon(project, dir.resolve("daemon"), library, settings)) {
            daemon.loadFile("hello", project.resolve("plugins/hello/hello.wasm"));
            daemon.load("canary");
            daemon.load("mortal", manifest);
            System.out.println(
                    "crashes: " + count + " of ten kinds of one native plugin; two canaries are called about every ms");
            Canaries quiet = sing(daemon);
            print(daemon, "daemon before");
            double[] millis = new double[count];
            Canaries loud = new Canaries(daemon.socket());
            try (loud) {
                for (int i = 0; i < count; i++) {
                    millis[i] = daemon.crash("mortal", DEATHS.get(i % DEATHS.size()));
                }
            }
            daemon.awaitRest();
            print(daemon, "daemon after");
            print(quiet, loud);
            print(millis);
        }
    }

    /** What the canaries have without crashes. */
    private static Canaries sing(NativeDaemon daemon) throws IOException {
        daemon.awaitRest();
        try (Canaries canaries = new Canaries(daemon.socket())) {
            TimeUnit.SECONDS.sleep(QUIET_SECONDS);
            return canaries;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private static void print(NativeDaemon daemon, String when) throws IOException {
        ProcessFigures figures = ProcessFigures.of(daemon.pid());
        System.out.printf(
                Locale.ROOT,
                "%s: %d children, %d threads, %d descriptors, %d MiB resident%n",
                when,
                ProcessFigures.children(daemon.pid()).size(),
                figures.threads(),
                ProcessFigures.descriptors(daemon.pid()),
                figures.residentBytes() >> 20);
    }

    private static void print(Canaries quiet, Canaries loud) {
        System.out.println(
                "canary     calls   failed   p50 us   p99 us   without crashes: p50 us   p99 us   p99 ratio");
        print("wasm", quiet.wasm(), loud.wasm());
        print("native", quiet.library(), loud.library());
    }

    private static void print(String name, Canary quiet, Canary loud) {
        System.out.printf(
                Locale.ROOT,
                "%-8s %7d %8d %8.0f %8.0f %25.0f %8.0f %11.2f%n",
                name,
                loud.result().exchanges(),
                loud.failures(),
                loud.result().percentile(0.5),
                loud.result().percentile(0.99),
                quiet.result().percentile(0.5),
                quiet.result().percentile(0.99),
                loud.result().percentile(0.99) / quiet.result().percentile(0.99));
        if (loud.failures() > 0) {
            System.out.println("its first failure: " + loud.firstFailure());
        }
    }

    private static void print(double[] millis) {
        double[] sorted = sorted(millis, 0, 1);
        System.out.printf(
                Locale.ROOT,
                "ms from a crash to the next answer: p50 %.1f, p99 %.1f; the p50 of each kind:",
                sorted[sorted.length / 2],
                sorted[(int) (sorted.length * 0.99)]);
        for (int kind = 0; kind < Math.min(DEATHS.size(), millis.length); kind++) {
            double[] some = sorted(millis, kind, DEATHS.size());
            System.out.printf(Locale.ROOT, " %s %.1f", DEATHS.get(kind), some[some.length / 2]);
        }
        System.out.println();
    }

    private static double[] sorted(double[] millis, int first, int step) {
        return IntStream.range(0, millis.length)
                .filter(i -> i % step == first)
                .mapToDouble(i -> millis[i])
                .sorted()
                .toArray();
    }
}
