package org.circleosd.pluginmanager.bench;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** The product's shell client, attached to a daemon; it is given one command after the other. */
final class ShellSession implements AutoCloseable {

    private final Process process;
    private final Writer in;
    private final BufferedReader out;
    private int commands;

    ShellSession(Path project, Path socket, Path state) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(
                        project.resolve("launcher/target/plugin-manager/bin/plugin-manager")
                                .toString(),
                        "shell")
                .redirectErrorStream(true);
        builder.environment().put("PLUGIN_MANAGER_SOCKET", socket.toString());
        builder.environment().put("PLUGIN_MANAGER_STATE", state.toString());
        process = builder.start();
        in = process.outputWriter(StandardCharsets.UTF_8);
        out = process.inputReader(StandardCharsets.UTF_8);
        run("felix:lb");
    }

    /** Returns what the command printed. */
    String run(String command) throws IOException {
        String mark = "done-" + ++commands;
        in.write(command + "\necho " + mark + "\n");
        in.flush();
        StringBuilder text = new StringBuilder();
        for (String line = out.readLine(); !mark.equals(line); line = out.readLine()) {
            if (line == null) {
                throw new IOException("the shell ended at " + command + ": " + text);
            }
            text.append(line).append('\n');
        }
        return text.toString();
    }

    /** Runs a command that says nothing if all went well. */
    void demand(String command) throws IOException {
        String text = run(command);
        if (!text.isBlank()) {
            throw new IOException(command + " failed: " + text);
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
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
