package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.TimeUnit;

/** Prints what a start costs: with an empty state, with a warm one, and with the class archive of an earlier start. */
final class StartUp {

    private static final int ROUNDS = 5;
    private static final String LIST = "{\"action\":\"list\"}";

    private StartUp() {}

    private record Figures(double readySeconds, double cpuSeconds, long residentBytes) {}

    static void run(Path project, Path dir) throws IOException {
        System.out.println("start to first reply       wall s (min)   cpu s (min)   idle RSS MiB (min)");
        Figures[] cold = new Figures[ROUNDS];
        Figures[] first = new Figures[ROUNDS];
        Figures[] warm = new Figures[ROUNDS];
        for (int i = 0; i < ROUNDS; i++) {
            Path state = Files.createDirectories(dir.resolve("start-" + i));
            cold[i] = start(project, state, dir.resolve("pm.sock"));
            first[i] = start(project, state, dir.resolve("pm.sock"));
            warm[i] = start(project, state, dir.resolve("pm.sock"));
        }
        print("empty state", cold);
        print("second start", first);
        print("third start", warm);
    }

    private static Figures start(Path project, Path state, Path socket) throws IOException {
        try (Server daemon = Server.daemon(project, state, socket)) {
            new ClosedLoop(socket, daemon.pid(), LIST, "\"ok\":true").run(1, 0, 0.01);
            double cpu = ProcessFigures.of(daemon.pid()).cpuSeconds();
            idle();
            return new Figures(
                    daemon.readySeconds(), cpu, ProcessFigures.of(daemon.pid()).residentBytes());
        }
    }

    /** Lets the daemon come to rest; a benchmark may wait where a test must not. */
    private static void idle() {
        try {
            TimeUnit.SECONDS.sleep(2);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static void print(String name, Figures[] figures) {
        System.out.printf(
                Locale.ROOT,
                "%-22s %16.2f %13.2f %20d%n",
                name,
                Arrays.stream(figures).mapToDouble(Figures::readySeconds).min().orElseThrow(),
                Arrays.stream(figures).mapToDouble(Figures::cpuSeconds).min().orElseThrow(),
                Arrays.stream(figures).mapToLong(Figures::residentBytes).min().orElseThrow() >> 20);
    }
}
