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
 * A running daemon of its own: the assembled distribution, started as a user starts it, with every folder below one
 * temporary home. Closing ends it by its pid.
 */
final class Daemon implements AutoCloseable {

    static final Path PROJECT =
            Path.of(System.getProperty("project.root", "..")).toAbsolutePath().normalize();
    static final Path DISTRIBUTION = PROJECT.resolve("launcher/target/plugin-manager");
    private static final int START_SECONDS = 120;

    private final Home home;
    private final Process process;
    private final BufferedReader stdout;
    private final String ready;

    private Daemon(Home home, Process process, BufferedReader stdout, String ready) {
        this.home = home;
        this.process = process;
        this.stdout = stdout;
        this.ready = ready;
    }

    /**
     * The folders of a daemon, kept over restarts.
     *
     * @param dir short, because a socket's path is: at most about 60 characters
     */
    record Home(Path dir) {

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

        /** Takes the distribution's bundles and configuration, and an empty drop folder. */
        static Home in(Path dir) throws IOException {
            Home home = new Home(dir);
            copyFolder(DISTRIBUTION.resolve("bundles"), home.bundles());
            copyFolder(DISTRIBUTION.resolve("config"), home.config());
            Files.createDirectories(home.plugins());
            return home;
        }

        /** Like {@link #in}, with the distribution's example plugins in the drop folder. */
        static Home withExamples(Path dir) throws IOException {
            Home home = in(dir);
            copyFolder(DISTRIBUTION.resolve("plugins"), home.plugins());
            return home;
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
            command.add(DISTRIBUTION.resolve("bin/plugin-manager").toString());
            command.addAll(List.of(arguments));
            ProcessBuilder builder = new ProcessBuilder(command);
            Map<String, String> environment = builder.environment();
            environment.put("PLUGIN_MANAGER_SOCKET", socket().toString());
            environment.put("PLUGIN_MANAGER_STATE", state().toString());
            return builder;
        }

        Daemon start(String... more) throws IOException {
            List<String> arguments = new ArrayList<>(List.of(
                    "--plugins",
                    plugins().toString(),
                    "--bundles",
                    bundles().toString(),
                    "--config",
                    config().toString(),
                    "--no-shell"));
            arguments.addAll(List.of(more));
            Process process = command(arguments.toArray(String[]::new))
                    .redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()))
                    .start();
            BufferedReader stdout = process.inputReader(StandardCharsets.UTF_8);
            String line = readyLine(process, stdout);
            return new Daemon(this, process, stdout, line);
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
            try {
                String line = first.get(START_SECONDS, TimeUnit.SECONDS);
                if (line.startsWith("ready: ")) {
                    return line;
                }
                throw new AssertionError("the first line is '" + line + "'; the log: " + logText());
            } catch (InterruptedException | ExecutionException | TimeoutException e) {
                throw new AssertionError("no ready line: " + e + "; the log: " + logText());
            } finally {
                if (!first.isDone() || first.isCompletedExceptionally()) {
                    process.destroyForcibly();
                }
            }
        }

        String logText() throws IOException {
            return Files.exists(log()) ? Files.readString(log()) : "";
        }
    }

    Home home() {
        return home;
    }

    /** The line on standard output that says that it can answer. */
    String ready() {
        return ready;
    }

    ProcessHandle handle() {
        return process.toHandle();
    }

    Client connect() throws IOException {
        return Client.connect(home.socket());
    }

    /** Sends one line over a connection of its own and returns the reply. */
    String ask(String line) throws IOException {
        try (Client client = connect()) {
            return client.ask(line);
        }
    }

    /** Runs one shell command against this daemon. */
    Result shell(String... command) throws IOException {
        String[] arguments =
                Stream.concat(Stream.of("shell"), Stream.of(command)).toArray(String[]::new);
        return run(home.command(arguments));
    }

    /** What a command printed and how it ended. */
    record Result(int status, String out, String err) {}

    static Result run(ProcessBuilder builder) throws IOException {
        Process process = builder.start();
        process.getOutputStream().close();
        CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> text(process.errorReader()));
        String out = text(process.inputReader());
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(builder.command() + " did not end; it printed: " + out);
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return new Result(process.exitValue(), out, err.join());
    }

    private static String text(BufferedReader reader) {
        StringBuilder text = new StringBuilder();
        reader.lines().forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    /** Ends it as an operator does and returns the exit status. */
    int terminate() {
        process.destroy();
        return awaitExit();
    }

    /** Ends it as a power cut does. */
    void kill() {
        process.destroyForcibly();
        awaitExit();
    }

    int awaitExit() {
        try {
            if (!process.waitFor(30, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError("the daemon did not end in 30 s");
            }
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        return process.exitValue();
    }

    /** What standard output carried after the ready line; the daemon must have ended. */
    String moreOutput() {
        return text(stdout);
    }

    @Override
    public void close() {
        if (process.isAlive()) {
            terminate();
        }
    }

    /** Counts what the daemon holds, by /proc: entries of its folder {@code fd} or {@code task}. */
    long count(String what) throws IOException {
        try (Stream<Path> entries = Files.list(Path.of("/proc/" + process.pid() + "/" + what))) {
            return entries.count();
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
