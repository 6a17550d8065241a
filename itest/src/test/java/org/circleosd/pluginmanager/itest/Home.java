package org.circleosd.pluginmanager.itest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;

/**
 * The folders of a daemon, kept over restarts.
 *
 * @param dir short, because a socket's path is: at most about 60 characters
 * @param distribution the assembled folder that it is started from
 */
record Home(Path dir, Path distribution) {

    private static final int START_SECONDS = 120;

    /** Takes the distribution's bundles and configuration, and an empty drop folder. */
    static Home in(Path dir) throws IOException {
        return in(dir, Daemon.DISTRIBUTION);
    }

    /** Like {@link #in(Path)}, with a copy of the distribution. */
    static Home in(Path dir, Path distribution) throws IOException {
        Home home = new Home(dir, distribution);
        copyFolder(Daemon.DISTRIBUTION.resolve("bundles"), home.bundles());
        copyFolder(Daemon.DISTRIBUTION.resolve("config"), home.config());
        Files.createDirectories(home.plugins());
        // A test must not depend on how long the machine takes to compile.
        return home.set("host", "ready.wait.ms", "60000");
    }

    /** Like {@link #in}, with the distribution's example plugins in the drop folder. */
    static Home withExamples(Path dir) throws IOException {
        Home home = in(dir);
        copyFolder(Daemon.DISTRIBUTION.resolve("plugins"), home.plugins());
        return home;
    }

    Path socket() {
        return dir.resolve("pm.sock");
    }

    Path state() {
        return dir.resolve("state");
    }

    Path plugins() {
        return dir.resolve("plugins");
    }

    Path bundles() {
        return dir.resolve("bundles");
    }

    Path config() {
        return dir.resolve("config");
    }

    Path log() {
        return dir.resolve("daemon.log");
    }

    String logText() throws IOException {
        return Files.exists(log()) ? Files.readString(log()) : "";
    }

    /** Sets a key of a room's configuration. */
    Home set(String room, String key, String value) throws IOException {
        Path file = config().resolve("org.circleosd.pluginmanager." + room + ".cfg");
        List<String> lines = new ArrayList<>(Files.exists(file) ? Files.readAllLines(file) : List.of());
        lines.removeIf(line -> line.startsWith(key + " ") || line.startsWith(key + "="));
        lines.add(key + " = " + value);
        Files.write(file, lines);
        return this;
    }

    /** The command line that starts the daemon, or runs another of its commands, on this home. */
    ProcessBuilder command(String... arguments) {
        List<String> command = new ArrayList<>();
        command.add(distribution.resolve("bin/plugin-manager").toString());
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        Map<String, String> environment = builder.environment();
        environment.put("PLUGIN_MANAGER_SOCKET", socket().toString());
        environment.put("PLUGIN_MANAGER_STATE", state().toString());
        return builder;
    }

    /** The command line of a daemon on these folders. */
    ProcessBuilder daemonCommand(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--plugins",
                plugins().toString(),
                "--bundles",
                bundles().toString(),
                "--config",
                config().toString(),
                "--no-shell"));
        arguments.addAll(List.of(more));
        return command(arguments.toArray(String[]::new));
    }

    /** Starts a daemon that must not come up, and returns how it ended. */
    Commands.Result startInVain(String... more) throws IOException {
        return Commands.run(daemonCommand(more));
    }

    /** Starts the daemon and waits for its ready line. */
    Daemon start(String... more) throws IOException {
        return start(daemonCommand(more));
    }

    Daemon start(ProcessBuilder command) throws IOException {
        Process process = command.redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()))
                .start();
        BufferedReader stdout = process.inputReader(StandardCharsets.UTF_8);
        return new Daemon(this, process, stdout, readyLine(process, stdout));
    }

    private String readyLine(Process process, BufferedReader stdout) throws IOException {
        CompletableFuture<String> first = CompletableFuture.supplyAsync(() -> {
            try {
                String line = stdout.readLine();
                return line == null ? "" : line;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        boolean ready = false;
        try {
            String line = first.get(START_SECONDS, TimeUnit.SECONDS);
            ready = line.startsWith("ready: ");
            if (!ready) {
                throw new AssertionError("the first line is '" + line + "'; the log: " + logText());
            }
            return line;
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new AssertionError("no ready line: " + e + "; the log: " + logText());
        } finally {
            if (!ready) {
                process.destroyForcibly();
            }
        }
    }

    static void copyFolder(Path from, Path to) throws IOException {
        Map<Path, Path> copies = new TreeMap<>();
        try (Stream<Path> files = Files.walk(from)) {
            files.forEach(
                    file -> copies.put(file, to.resolve(from.relativize(file).toString())));
        }
        for (Map.Entry<Path, Path> copy : copies.entrySet()) {
            if (Files.isDirectory(copy.getKey())) {
                Files.createDirectories(copy.getValue());
            } else {
                Files.copy(copy.getKey(), copy.getValue());
            }
        }
    }
}
