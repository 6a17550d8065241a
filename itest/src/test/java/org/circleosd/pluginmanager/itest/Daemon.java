package org.circleosd.pluginmanager.itest;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Stream;

/**
 * A running daemon of its own: the assembled distribution, started as a user starts it, with every folder below one
 * temporary home. Closing ends it by its pid.
 */
final class Daemon implements AutoCloseable {

    static final Path PROJECT =
            Path.of(System.getProperty("project.root", "..")).toAbsolutePath().normalize();
    /** The assembled distribution; {@code -Ddistribution=DIR} tests one that lies elsewhere. */
    static final Path DISTRIBUTION = PROJECT.resolve(System.getProperty(
            "distribution", PROJECT.resolve("launcher/target/plugin-manager").toString()));

    static final String LIST = "{\"action\":\"list\"}";

    private final Home home;
    private final Process process;
    private final BufferedReader stdout;
    private final String ready;

    Daemon(Home home, Process process, BufferedReader stdout, String ready) {
        this.home = home;
        this.process = process;
        this.stdout = stdout;
        this.ready = ready;
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

    long pid() {
        return process.pid();
    }

    Client connect() throws IOException {
        return Client.connect(home.socket());
    }

    /** Returns the reply to {@code list} once no plugin's code is being compiled any more. */
    String settledList() throws IOException {
        try (Client client = connect()) {
            AtomicReference<String> list = new AtomicReference<>("");
            Poll.until(Duration.ofSeconds(60), "all code is compiled", () -> {
                list.set(client.ask(LIST));
                return !list.get().contains("\"mode\":\"compiling\"");
            });
            return list.get();
        }
    }

    String ask(String line) throws IOException {
        try (Client client = connect()) {
            return client.ask(line);
        }
    }

    /** Runs one shell command against this daemon. */
    Commands.Result shell(String... command) throws IOException {
        String[] arguments =
                Stream.concat(Stream.of("shell"), Stream.of(command)).toArray(String[]::new);
        return Commands.run(home.command(arguments));
    }

    /** Ends it as an operator does and returns the exit status. */
    int terminate() {
        // By its handle: Process.destroy would also close the stream that moreOutput reads.
        process.toHandle().destroy();
        return awaitExit();
    }

    /** Sends a signal by its name, as {@code INT}. */
    void signal(String name) throws IOException {
        Commands.Result result = Commands.run(new ProcessBuilder("kill", "-" + name, String.valueOf(pid())));
        if (result.status() != 0) {
            throw new AssertionError("kill failed: " + result.text());
        }
    }

    /** Ends it as a power cut does. */
    void kill() {
        process.destroyForcibly();
        awaitExit();
    }

    int awaitExit() {
        return Commands.await(process, "the daemon did not end");
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** What standard output carried after the ready line; the daemon must have ended. */
    String moreOutput() {
        return Commands.text(stdout);
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
}
