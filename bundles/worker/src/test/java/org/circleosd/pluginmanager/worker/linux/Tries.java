package org.circleosd.pluginmanager.worker.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.circleosd.pluginmanager.worker.wire.ConfineStep;

/** A confined process that tries what it is told and says what came of it; its program is {@code linux/tries.c}. */
final class Tries implements AutoCloseable {

    /** The answer of a worker that carried out all it was asked for. */
    static final Map<ConfineStep, Integer> ALL_DONE =
            Arrays.stream(ConfineStep.values()).collect(Collectors.toMap(Function.identity(), step -> 0));

    private static final AtomicInteger COUNT = new AtomicInteger();

    final ConfinedProcess process;
    private final Path directory;
    private final BufferedReader replies;

    private Tries(ConfinedProcess process, Path directory) {
        this.process = process;
        this.directory = directory;
        this.replies = new BufferedReader(new InputStreamReader(process.replies(), StandardCharsets.UTF_8));
    }

    /** Compiles the program. */
    static Path compile(Path folder) throws Exception {
        Path source = folder.resolve("tries.c");
        try (InputStream text = Tries.class.getResourceAsStream("/linux/tries.c")) {
            Files.write(source, text.readAllBytes());
        }
        Path program = folder.resolve("tries");
        run(List.of("cc", "-O1", "-pthread", "-o", program.toString(), source.toString(), "-ldl"));
        return program;
    }

    /** Runs a command that has to succeed. */
    static void run(List<String> command) throws Exception {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as("%s: %s", command, output).isZero();
    }

    /** Starts it with a folder of its own. */
    static Tries start(ConfinedProcesses processes, Path program, Plan plan) throws IOException {
        Path directory = Files.createDirectory(program.resolveSibling("own-" + COUNT.incrementAndGet()));
        return new Tries(processes.start(plan.of(program, directory)), directory);
    }

    /** Starts it, limits it, and has it confine itself. */
    static Tries startLocked(ConfinedProcesses processes, Path program, Plan plan) throws IOException {
        Tries tries = start(processes, program, plan);
        tries.lock(new ResourceLimits(64 << 20, 1 << 20, 32, 8));
        return tries;
    }

    void lock(ResourceLimits limits) throws IOException {
        ConfineRequest request = process.request();
        Path filter = directory.resolve("filter");
        Files.write(filter, request.filter());
        process.own(directory);
        // The program answers when it is up: only then are the limits counted from what it needs itself.
        assertThat(ask("name")).isEqualTo("name ok");
        process.limit(limits);
        boolean exactMemory = (request.flags() & ConfineRequest.EXACT_MEMORY) != 0;
        assertThat(ask("confine " + request.uid() + " " + (exactMemory ? 1 : 0) + " ./filter"))
                .isEqualTo("confine ok");
        process.confirmed(ALL_DONE);
    }

    Path directory() {
        return directory;
    }

    /** Has it try something; returns the words before and after what came of it. */
    String ask(String command) throws IOException {
        process.requests().write((command + "\n").getBytes(StandardCharsets.UTF_8));
        process.requests().flush();
        return String.valueOf(replies.readLine());
    }

    @Override
    public void close() throws IOException {
        process.close();
    }

    /** Returns how a process with these layers ended. */
    Death awaitDeath() throws InterruptedException {
        return process.awaitDeath(Duration.ofSeconds(30)).orElseThrow();
    }

    /** What differs from test to test. */
    record Plan(Lockdown lockdown, boolean network, List<ProcessPlan.Grant> grants) {

        static final Plan C = new Plan(Lockdown.C, false, List.of());
        static final Plan JVM = new Plan(Lockdown.JVM, false, List.of());

        ProcessPlan of(Path program, Path directory) {
            List<Path> readable = new ArrayList<>(ProcessPlan.LIBRARIES);
            readable.add(program);
            return new ProcessPlan(
                    List.of(program.toString()),
                    Map.of("ONLY", "this"),
                    directory,
                    readable,
                    grants,
                    network,
                    lockdown);
        }
    }
}
