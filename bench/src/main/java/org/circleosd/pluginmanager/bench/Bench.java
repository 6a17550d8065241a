package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs the benchmarks: {@code bench/run start}, {@code bench/run round-trip [SECONDS]} or both without arguments. */
public final class Bench {

    private Bench() {}

    /** Takes the project's folder, then what to run. */
    public static void main(String[] args) throws IOException {
        Path project = Path.of(args[0]).toAbsolutePath();
        List<String> what = args.length > 1 ? List.of(args[1]) : List.of("start", "round-trip");
        double seconds = args.length > 2 ? Double.parseDouble(args[2]) : 5;
        // Short, because a socket's path is.
        Path dir = Files.createTempDirectory("pm-bench");
        System.out.println(
                "java " + Runtime.version() + ", " + Runtime.getRuntime().availableProcessors() + " processors");
        if (what.contains("start")) {
            StartUp.run(project, dir);
        }
        if (what.contains("round-trip")) {
            new RoundTrip(seconds).run(project, dir);
        }
    }
}
