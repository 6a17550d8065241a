package org.circleosd.pluginmanager.bench;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A daemon with bundles of its own that can be exchanged, wasm and native plugins, and a shell that is attached. */
final class LiveDaemon implements AutoCloseable {

    private static final long POLL_NANOS = TimeUnit.MILLISECONDS.toNanos(5);
    private static final String GRANTS = "{\"policy_version\":1,\"rules\":[{\"match\":{\"name\":\"tally\"},"
            + "\"grant\":{\"kv\":{\"quota_bytes\":65536}}}]}";

    private final Path dir;
    private final Server server;
    private final ShellSession shell;

    LiveDaemon(Path project, Path dir) throws IOException {
        this.dir = dir;
        copy(project.resolve("launcher/target/plugin-manager/bundles"), bundles());
        Path plugins = Files.createDirectories(dir.resolve("plugins"));
        Path config = Settings.with(project, dir.resolve("config"), Map.of("deploy/poll.ms", "50"));
        Files.writeString(config.resolve("grants.json"), GRANTS);
        server = Server.daemon(
                project,
                dir.resolve("state"),
                dir.resolve("pm.sock"),
                List.of(
                        "--config", config.toString(),
                        "--plugins", plugins.toString(),
                        "--bundles", bundles().toString()),
                ProcessBuilder.Redirect.to(log().toFile()));
        shell = new ShellSession(project, server.socket(), dir.resolve("state"));
        Path manifest = Files.writeString(
                dir.resolve("tally.json"),
                "{\"name\":\"tally\",\"plugin_type\":\"native\",\"capabilities\":{\"kv\":{}}}");
        load("hello", project.resolve("plugins/hello/hello.wasm"), "null");
        load("upper", project.resolve("plugins/upper/upper.wasm"), "null");
        load("echo", project.resolve("bench/target/native/mortal.so"), "null");
        load("tally", project.resolve("bench/target/native/tally.so"), '"' + manifest.toString() + '"');
        awaitRest();
    }

    long pid() {
        return server.pid();
    }

    Path socket() {
        return server.socket();
    }

    ShellSession shell() {
        return shell;
    }

    Path bundles() {
        return dir.resolve("bundles");
    }

    /** Returns once nothing goes on. */
    void awaitRest() throws IOException {
        try (Client client = new Client(socket())) {
            client.awaitRest(pid());
        }
    }

    /** Returns once all plugins take calls. */
    void awaitActive() throws IOException {
        try (Client client = new Client(socket())) {
            await(
                    "all plugins are active",
                    () -> client.demand("{\"action\":\"list\"}").split("\"state\":\"active\"", -1).length == 5);
        }
    }

    /** Returns how many lines of the log have this text. */
    long logged(String text) throws IOException {
        try (var lines = Files.lines(log())) {
            return lines.filter(line -> line.contains(text)).count();
        }
    }

    /** Something that is true sooner or later. */
    interface Check {
        boolean holds() throws IOException;
    }

    void await(String what, Check check) throws IOException {
        long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(1);
        while (!check.holds()) {
            if (System.nanoTime() - end > 0) {
                throw new IOException("not within a minute: " + what + "; see " + log());
            }
            LockSupport.parkNanos(POLL_NANOS);
        }
    }

    private Path log() {
        return dir.resolve("daemon.log");
    }

    private void load(String id, Path file, String manifest) throws IOException {
        try (Client client = new Client(socket())) {
            client.demand("{\"action\":\"load\",\"path\":\"" + file + "\",\"manifest\":" + manifest + ",\"as\":\"" + id
                    + "\"}");
        }
    }

    private static void copy(Path from, Path to) throws IOException {
        Files.createDirectories(to);
        try (DirectoryStream<Path> files = Files.newDirectoryStream(from)) {
            for (Path file : files) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    @Override
    public void close() throws IOException {
        try (server) {
            shell.close();
        }
    }
}
