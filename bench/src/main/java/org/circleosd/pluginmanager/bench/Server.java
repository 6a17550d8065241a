package org.circleosd.pluginmanager.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A server process that said it is ready; closing ends it by its pid. */
record Server(Process process, Path socket, double readySeconds) implements AutoCloseable {

    static Server start(Path socket, List<String> command) throws IOException {
        return start(socket, command, ProcessBuilder.Redirect.DISCARD);
    }

    private static Server start(Path socket, List<String> command, ProcessBuilder.Redirect log) throws IOException {
        long start = System.nanoTime();
        Process process = new ProcessBuilder(command).redirectError(log).start();
        BufferedReader out = process.inputReader(StandardCharsets.UTF_8);
        String line = out.readLine();
        if (line == null || !line.startsWith("ready: ")) {
            process.destroyForcibly();
            throw new IOException(command + " did not start: " + line);
        }
        return new Server(process, socket, (System.nanoTime() - start) / 1e9);
    }

    static Server javaEcho(Path socket) throws IOException {
        return start(
                socket,
                List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-XX:+UseSerialGC",
                        "-cp",
                        System.getProperty("java.class.path"),
                        EchoServer.class.getName(),
                        socket.toString()));
    }

    static Server nodeEcho(Path project, Path socket) throws IOException {
        return start(socket, List.of("node", project.resolve("bench/echo.js").toString(), socket.toString()));
    }

    /** Starts the daemon with the example plugins. */
    static Server daemon(Path project, Path state, Path socket) throws IOException {
        return daemon(project, state, socket, List.of());
    }

    /**
     * Starts the daemon.
     *
     * @param more of its options
     */
    static Server daemon(Path project, Path state, Path socket, List<String> more) throws IOException {
        return daemon(project, state, socket, more, ProcessBuilder.Redirect.DISCARD);
    }

    /** Starts the daemon; its log goes where it is told. */
    static Server daemon(Path project, Path state, Path socket, List<String> more, ProcessBuilder.Redirect log)
            throws IOException {
        List<String> command = new ArrayList<>(List.of(
                project.resolve("launcher/target/plugin-manager/bin/plugin-manager")
                        .toString(),
                "--state",
                state.toString(),
                "--socket",
                socket.toString(),
                "--no-shell"));
        command.addAll(more);
        return start(socket, command, log);
    }

    long pid() {
        return process.pid();
    }

    @Override
    public void close() {
        process.destroy();
        try {
            if (!process.waitFor(20, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
