package org.circleosd.pluginmanager.itest;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Runs the programs that users have beside ours. */
final class Commands {

    private static final int SECONDS = 120;

    private Commands() {}

    /** What a command printed and how it ended. */
    record Result(int status, String out, String err) {

        /** Everything that it printed, for messages. */
        String text() {
            return "status " + status + ", out: " + out + ", err: " + err;
        }
    }

    /** Runs a command to its end without input. */
    static Result run(ProcessBuilder builder) throws IOException {
        return run(builder, "");
    }

    /** Runs a command to its end; its standard input is this text. */
    static Result run(ProcessBuilder builder, String input) throws IOException {
        Process process = builder.start();
        CompletableFuture<String> err = CompletableFuture.supplyAsync(() -> text(process.errorReader()));
        CompletableFuture<String> out = CompletableFuture.supplyAsync(() -> text(process.inputReader()));
        feed(process, input);
        await(process, builder.command() + " did not end");
        return new Result(process.exitValue(), out.join(), err.join());
    }

    /** Waits for the end of a process; one that does not end is killed and fails the test. */
    static int await(Process process, String complaint) {
        try {
            if (!process.waitFor(SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
                throw new AssertionError(complaint + " in " + SECONDS + " s");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
            throw new AssertionError(complaint, e);
        }
        return process.exitValue();
    }

    private static void feed(Process process, String input) {
        try (OutputStream stdin = process.getOutputStream()) {
            stdin.write(input.getBytes(StandardCharsets.UTF_8));
        } catch (IOException e) {
            // It ended without reading all of it, as it may.
            System.err.println("standard input was not read whole: " + e.getMessage());
        }
    }

    static String text(BufferedReader reader) {
        StringBuilder text = new StringBuilder();
        reader.lines().forEach(line -> text.append(line).append('\n'));
        return text.toString();
    }

    /**
     * Makes sure that a program is installed.
     *
     * @throws AssertionError if it is not: a test without its program proves nothing
     */
    static String require(String program) {
        for (String folder : System.getenv("PATH").split(":")) {
            if (Files.isExecutable(Path.of(folder).resolve(program))) {
                return program;
            }
        }
        throw new AssertionError("this test needs '" + program + "', which is not installed; ./test says what is"
                + " missing and, on Debian as root, installs it");
    }

    /** Compiles a native test plugin of {@code itest/src/test/plugins} into a folder. */
    static Path compile(String name, Path folder) {
        Path library = folder.resolve(name + ".so");
        try {
            cc(Daemon.PROJECT.resolve("itest/src/test/plugins/" + name + ".c"), library, "-fPIC", "-shared");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return library;
    }

    /** Compiles C, which may include {@code plugin.h}. */
    static void cc(Path source, Path output, String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(require("cc"), "-std=gnu99", "-Wall", "-Werror", "-O1", "-I"));
        command.add(Daemon.PROJECT.resolve("plugins/include").toString());
        command.addAll(List.of("-o", output.toString(), source.toString()));
        command.addAll(List.of(options));
        Result result = run(new ProcessBuilder(command));
        if (result.status() != 0) {
            throw new AssertionError(source + " does not compile: " + result.err());
        }
    }
}
