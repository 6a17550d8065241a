package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A daemon with native plugins in workers, all made of one library. */
final class NativeDaemon implements AutoCloseable {

    private static final String OK = "{\"ok\":true";
    private static final long MAX_RECOVERY_NANOS = TimeUnit.SECONDS.toNanos(60);
    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final Server server;
    private final Client client;
    private final Path library;

    /**
     * Starts it with an empty state and without the example plugins, of which some are native.
     *
     * @param dir where it has its files
     * @param settings as {@link Settings#with} takes them
     */
    NativeDaemon(Path project, Path dir, Path library, Map<String, String> settings) throws IOException {
        Path plugins = Files.createDirectories(dir.resolve("plugins"));
        Path config = Settings.with(project, dir.resolve("config"), settings);
        server = Server.daemon(
                project,
                dir.resolve("state"),
                dir.resolve("pm.sock"),
                List.of("--config", config.toString(), "--plugins", plugins.toString()));
        client = new Client(server.socket());
        this.library = library;
    }

    long pid() {
        return server.pid();
    }

    Path socket() {
        return server.socket();
    }

    /** Returns once nothing goes on, not even the start of a spare worker. */
    void awaitRest() throws IOException {
        client.awaitRest(server.pid());
    }

    void load(String id) throws IOException {
        load(id, library, "null");
    }

    void load(String id, Path manifest) throws IOException {
        load(id, library, '"' + manifest.toString() + '"');
    }

    /** Loads another file than the library. */
    void loadFile(String id, Path file) throws IOException {
        load(id, file, "null");
    }

    private void load(String id, Path file, String manifest) throws IOException {
        client.demand(
                "{\"action\":\"load\",\"path\":\"" + file + "\",\"manifest\":" + manifest + ",\"as\":\"" + id + "\"}");
    }

    void unload(String id) throws IOException {
        client.demand("{\"action\":\"unload\",\"id\":\"" + id + "\"}");
    }

    void echo(String id) throws IOException {
        client.demand(invoke(id, "echo", "x"));
    }

    /** Returns the milliseconds from the call that ends the plugin's worker to the next good answer. */
    double crash(String id, String death) throws IOException {
        long start = System.nanoTime();
        String answer = client.ask(invoke(id, death, ""));
        if (answer.startsWith(OK)) {
            throw new IOException("the plugin survived " + death + ": " + answer);
        }
        while (true) {
            answer = client.ask(invoke(id, "echo", "x"));
            long took = System.nanoTime() - start;
            if (answer.startsWith(OK)) {
                return took / 1e6;
            }
            if (took > MAX_RECOVERY_NANOS) {
                throw new IOException("the plugin did not come back after " + death + ": " + answer);
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    /** Returns the process of the only worker. */
    long workerPid() throws IOException {
        List<ProcessHandle> children = ProcessFigures.children(server.pid());
        if (children.size() != 1) {
            throw new IOException("the daemon has " + children.size() + " children instead of one worker");
        }
        return children.get(0).pid();
    }

    /** Returns the program of the only worker, and its arguments. */
    List<String> workerCommand() throws IOException {
        Path process = Path.of("/proc/" + workerPid());
        List<String> command = new ArrayList<>(
                List.of(Files.readString(process.resolve("cmdline")).split("\0", -1)));
        command.remove(command.size() - 1); // a NUL ends the last one
        command.set(0, Files.readSymbolicLink(process.resolve("exe")).toString());
        return command;
    }

    static String invoke(String id, String function, String payload) {
        return "{\"action\":\"invoke\",\"id\":\"" + id + "\",\"func\":\"" + function + "\",\"payload\":\"" + payload
                + "\"}";
    }

    @Override
    public void close() throws IOException {
        try (server) {
            client.close();
        }
    }
}
