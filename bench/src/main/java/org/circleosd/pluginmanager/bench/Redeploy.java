package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Prints what clients notice while each part of the daemon is replaced again and again, and what that leaves behind. */
final class Redeploy {

    private static final List<String> ROOMS = List.of(
            "manifest",
            "trust",
            "state",
            "engine.chicory",
            "sandbox",
            "nativeloader",
            "host",
            "protocol",
            "shell",
            "deploy");
    private static final int CONNECTIONS = 16;
    private static final int CALLS_PER_SECOND = 500;
    /** What an update does to calls shows while it runs and for so long afterwards. */
    private static final long TAIL_NANOS = TimeUnit.MILLISECONDS.toNanos(500);

    private static final Pattern ID = Pattern.compile("Bundle ID: (\\d+)");

    private final Path project;
    private final Path dir;
    private final int rounds;
    private final Random random;
    private final List<String> rooms;
    private int jars;

    /** @param rooms which parts are replaced; empty: all */
    Redeploy(Path project, Path dir, int rounds, long seed, List<String> rooms) throws IOException {
        this.project = project;
        this.dir = Files.createDirectories(dir.resolve("redeploy"));
        this.rounds = rounds;
        this.random = new Random(seed);
        this.rooms = rooms.isEmpty() ? ROOMS : rooms;
    }

    /** How a part is replaced. */
    private enum Way {
        SHELL("felix:update"),
        DROP("jar of the same version dropped"),
        NEWER("jar of a newer version dropped"),
        BESIDE("installed beside, old one uninstalled");

        final String words;

        Way(String words) {
            this.words = words;
        }
    }

    void run() throws IOException {
        System.out.printf(
                Locale.ROOT,
                "redeploy: %d calls/s over %d connections; each part replaced %d times in each way%n",
                CALLS_PER_SECOND,
                CONNECTIONS,
                rounds);
        try (LiveDaemon daemon = new LiveDaemon(project, dir)) {
            quiet(daemon);
            for (String room : rooms) {
                replace(daemon, RoomJar.find(daemon.bundles(), room));
            }
        }
    }

    /** What the same calls have while nothing is replaced. */
    private void quiet(LiveDaemon daemon) throws IOException {
        try (SteadyLoad load = load(daemon)) {
            pause(TimeUnit.SECONDS.toNanos(5));
            long from = System.nanoTime();
            pause(TimeUnit.SECONDS.toNanos(5));
            load.awaitAnswers();
            System.out.println(
                    "                                                     calls failed wrong lost  command ms p50   max"
                            + "   calls ms p99   longest");
            print("", "nothing is replaced", load.damage(), new double[] {0}, load.millis(from, System.nanoTime()));
        }
    }

    private void replace(LiveDaemon daemon, RoomJar jar) throws IOException {
        for (Way way : Way.values()) {
            replaceOnce(daemon, jar, way); // what a first time leaves is no leak
        }
        daemon.awaitRest();
        Traces before = Traces.of(daemon.pid());
        for (Way way : Way.values()) {
            try (SteadyLoad load = load(daemon)) {
                double[] commands = new double[rounds];
                double[][] calls = new double[rounds][];
                for (int i = 0; i < rounds; i++) {
                    pause((long) (random.nextDouble() * TAIL_NANOS));
                    load.awaitAnswers();
                    long start = System.nanoTime();
                    commands[i] = replaceOnce(daemon, jar, way);
                    pause(TAIL_NANOS);
                    load.awaitAnswers();
                    calls[i] = load.millis(start, System.nanoTime());
                    daemon.awaitActive();
                }
                load.awaitAnswers();
                Arrays.sort(commands);
                double[] all = Arrays.stream(calls)
                        .flatMapToDouble(Arrays::stream)
                        .sorted()
                        .toArray();
                print(jar.room(), way.words, load.damage(), commands, all);
            }
        }
        daemon.awaitRest();
        System.out.println("    left behind: " + Traces.of(daemon.pid()).since(before));
    }

    /** Returns how many milliseconds it took. */
    private double replaceOnce(LiveDaemon daemon, RoomJar jar, Way way) throws IOException {
        jars++;
        return switch (way) {
            case SHELL -> {
                Path file = dir.resolve(jar.room() + ".jar");
                jar.newer(file, jars);
                long start = System.nanoTime();
                daemon.shell().demand("felix:update " + jar.symbolicName() + " " + file);
                yield millisSince(start);
            }
            case DROP -> dropped(daemon, jar, () -> newest(daemon, jar).mark(dir, "drop " + jars));
            case NEWER -> dropped(daemon, jar, () -> jar.newer(newer(daemon, jar), jars));
            case BESIDE -> beside(daemon, jar);
        };
    }

    /** Puts a jar into the folder. */
    private interface Drop {
        void run() throws IOException;
    }

    private static double dropped(LiveDaemon daemon, RoomJar jar, Drop drop) throws IOException {
        String line = "updated bundle " + jar.symbolicName() + " ";
        long before = daemon.logged(line);
        drop.run();
        long start = System.nanoTime();
        daemon.await(line, () -> daemon.logged(line) > before);
        return millisSince(start);
    }

    /** The one of the folder that runs. */
    private static RoomJar newest(LiveDaemon daemon, RoomJar jar) {
        Path newer = newer(daemon, jar);
        return Files.exists(newer) ? new RoomJar(newer, jar.room()) : jar;
    }

    private static Path newer(LiveDaemon daemon, RoomJar jar) {
        return daemon.bundles().resolve(jar.room() + "-newer.jar");
    }

    private double beside(LiveDaemon daemon, RoomJar jar) throws IOException {
        Path file = dir.resolve(jar.room() + "-" + jars + ".jar");
        jar.newer(file, jars);
        String old = id(daemon, jar);
        long start = System.nanoTime();
        String installed = daemon.shell().run("felix:install " + file.toUri());
        Matcher id = ID.matcher(installed);
        if (!id.find()) {
            throw new IOException("not installed: " + installed);
        }
        daemon.shell().demand("felix:start " + id.group(1));
        daemon.shell().demand("felix:uninstall " + old);
        double took = millisSince(start);
        Files.delete(file);
        return took;
    }

    private static String id(LiveDaemon daemon, RoomJar jar) throws IOException {
        String list = daemon.shell().run("felix:lb -s " + jar.symbolicName());
        Matcher line = Pattern.compile("(?m)^ *(\\d+)\\|.*\\|" + Pattern.quote(jar.symbolicName()) + " \\(")
                .matcher(list);
        if (!line.find()) {
            throw new IOException("there is no bundle " + jar.symbolicName() + ": " + list);
        }
        return line.group(1);
    }

    private static SteadyLoad load(LiveDaemon daemon) throws IOException {
        return new SteadyLoad(daemon.socket(), CONNECTIONS, CALLS_PER_SECOND, MixedCalls::new);
    }

    private static void print(String room, String way, SteadyLoad.Damage damage, double[] commands, double[] calls) {
        System.out.printf(
                Locale.ROOT,
                "%-15s %-38s %8d %6d %5d %4d %15.0f %5.0f %14.1f %9.0f%n",
                room,
                way,
                calls.length,
                damage.failed(),
                damage.wrong(),
                damage.lost(),
                commands[commands.length / 2],
                commands[commands.length - 1],
                calls[(int) (calls.length * 0.99)],
                calls[calls.length - 1]);
        if (!damage.first().isEmpty()) {
            System.out.println("    first: " + damage.first());
        }
    }

    private static double millisSince(long start) {
        return (System.nanoTime() - start) / 1e6;
    }

    private static void pause(long nanos) {
        long end = System.nanoTime() + nanos;
        for (long left = nanos; left > 0; left = end - System.nanoTime()) {
            LockSupport.parkNanos(left);
        }
    }
}
