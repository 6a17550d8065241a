package org.circleosd.pluginmanager.worker.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Confinement is for the processes that are started: the JVM that starts them keeps all it had. */
@Timeout(300)
class DaemonUntouchedTest {

    private static final int MANY = 1000;

    @TempDir
    private Path folder;

    private Path program;
    private ConfinedProcesses processes;

    @BeforeEach
    void prepare() throws Exception {
        program = Tries.compile(folder);
        processes = ConfinedProcesses.prepare(ConfinementSettings.DEFAULT);
    }

    @AfterEach
    void close() {
        processes.close();
    }

    @Test
    void startedProcesses_confineTheirOwnersOnly() throws Exception {
        Path secret = Files.writeString(folder.resolve("secret"), "secret");
        try (Tries one = Tries.startLocked(processes, program, Tries.Plan.C);
                Tries other = Tries.startLocked(processes, program, Tries.Plan.JVM)) {
            assertThat(one.process.pid()).isNotEqualTo(other.process.pid());
            assertThat(confinedThreads()).containsExactly("worker-owner", "worker-owner");
            assertThat(secret).hasContent("secret");
            Tries.run(List.of("sh", "-c", "test -r '" + secret + "'"));
            // A class that nothing needed before, and a thread that nothing started before.
            assertThat(new javax.naming.CompositeName("a/b").size()).isEqualTo(2);
            assertThat(Stream.of(1, 2, 3, 4).parallel().mapToInt(i -> i).sum()).isEqualTo(10);
            assertThat(confinedThreads()).hasSize(2);
        }
    }

    @Test
    void manyStarts_leaveNoDescriptorThreadOrProcess() throws Exception {
        for (int i = 0; i < 5; i++) {
            startAndEnd(i);
        }
        int descriptors = entries("/proc/self/fd").size();
        int threads = entries("/proc/self/task").size();
        for (int i = 0; i < MANY; i++) {
            startAndEnd(i);
        }
        // The JVM's own threads and files come and go; a leak would be a thousand.
        assertThat(entries("/proc/self/fd")).hasSizeLessThan(descriptors + 20);
        assertThat(entries("/proc/self/task")).hasSizeLessThan(threads + 20);
        assertThat(ProcessHandle.current().children()).isEmpty();
    }

    private void startAndEnd(int number) throws Exception {
        Path directory = folder.resolve("shared");
        Files.createDirectories(directory);
        try (ConfinedProcess process = processes.start(Tries.Plan.C.of(program, directory))) {
            if (number % 2 == 0) {
                process.requests().close();
                assertThat(process.awaitDeath(Duration.ofSeconds(30)).orElseThrow())
                        .hasToString("exit 0");
            }
        }
    }

    @Test
    void startsThatFail_leaveNoDescriptorOrThread() throws Exception {
        ProcessPlan noProgram =
                new ProcessPlan(List.of("/no/such"), Map.of(), folder, List.of(), List.of(), false, Lockdown.C);
        ProcessPlan noGrant = new ProcessPlan(
                List.of(program.toString()),
                Map.of(),
                folder,
                List.of(),
                List.of(new ProcessPlan.Grant(folder.resolve("missing"), true)),
                false,
                Lockdown.C);
        for (int round = 0; round < 2; round++) {
            int descriptors = entries("/proc/self/fd").size();
            for (int i = 0; i < 100; i++) {
                for (ProcessPlan plan : List.of(noProgram, noGrant)) {
                    try {
                        processes.start(plan).close();
                    } catch (IOException e) {
                        assertThat(e).hasMessageContaining("no such file");
                    }
                }
            }
            assertThat(entries("/proc/self/fd")).hasSizeLessThan(descriptors + 20);
        }
        assertThat(ProcessHandle.current().children()).isEmpty();
    }

    @Test
    void killedDaemon_leavesNoProcess() throws Exception {
        Process daemon = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        Daemon.class.getName(),
                        program.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        BufferedReader lines =
                new BufferedReader(new InputStreamReader(daemon.getInputStream(), StandardCharsets.UTF_8));
        long worker = Long.parseLong(lines.readLine());
        ProcessHandle handle = ProcessHandle.of(worker).orElseThrow();
        assertThat(handle.isAlive()).isTrue();

        daemon.destroyForcibly().waitFor();
        // It reads nothing any more, so that only the signal ends it.
        handle.onExit().get();
        assertThat(handle.isAlive()).isFalse();
    }

    /** Program of a child JVM: has a worker that only a signal ends, and waits to be killed. */
    static final class Daemon {

        private Daemon() {}

        public static void main(String[] arguments) throws Exception {
            try (ConfinedProcesses processes = ConfinedProcesses.prepare(ConfinementSettings.DEFAULT);
                    Tries tries = Tries.startLocked(processes, Path.of(arguments[0]), Tries.Plan.C)) {
                if (!tries.ask("hold").equals("holding")) {
                    throw new IllegalStateException("the worker does not hold");
                }
                System.out.println(tries.process.pid());
                tries.awaitDeath();
            }
        }
    }

    // A container may have confined all of this JVM before: what counts is the difference.
    private static List<String> confinedThreads() throws IOException {
        ProcessStatus first = ProcessStatus.ofSelf();
        return ProcessStatus.ofThreads((int) ProcessHandle.current().pid()).stream()
                .filter(thread -> Stream.of("NoNewPrivs", "Seccomp", "Seccomp_filters")
                        .anyMatch(field -> thread.number(field) != first.number(field)))
                .map(thread -> thread.text("Name"))
                .toList();
    }

    private static List<Path> entries(String folder) throws IOException {
        List<Path> all = new ArrayList<>();
        try (DirectoryStream<Path> entries = Files.newDirectoryStream(Path.of(folder))) {
            entries.forEach(all::add);
        }
        return all;
    }
}
