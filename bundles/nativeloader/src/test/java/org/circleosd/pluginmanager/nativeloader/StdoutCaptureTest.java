package org.circleosd.pluginmanager.nativeloader;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class StdoutCaptureTest {

    private static final int LIMIT = 10_000;

    @TempDir
    private Path folder;

    private final Runtimes.Lines log = new Runtimes.Lines();
    private Path library;
    private NativeRuntime runtime;

    @BeforeEach
    void start() throws Exception {
        library = CLibrary.compileResource(folder, "kit");
        runtime = Runtimes.start(folder.resolve("copies"));
    }

    @AfterEach
    void stop() {
        runtime.close();
    }

    @Test
    void printedText_isInTheLogWhenTheCallReturns() throws Exception {
        try (LoadedPlugin kit = load(runtime, log)) {
            Runtimes.invoke(kit, "print", "one\ntwo\nno end");
            Runtimes.invoke(kit, "print", "grün\n");
            assertThat(log.lines).containsExactly("one", "two", "no end", "grün");
        }
    }

    @Test
    void flood_isCutWithAMarkAndDoesNotBlock() throws Exception {
        try (LoadedPlugin kit = load(runtime, log)) {
            Runtimes.invoke(kit, "flood", "");
            int bytes = log.lines.stream().mapToInt(line -> line.length() + 1).sum();
            assertThat(bytes).isLessThan(LIMIT + 200);
            assertThat(log.lines).last().isEqualTo("[truncated: printed more than 10000 bytes in one call]");

            Runtimes.invoke(kit, "print", "the next call\n");
            assertThat(log.lines).last().isEqualTo("the next call");
        }
    }

    @Test
    void outputOfPluginsThatRunAtOnce_isMarked() throws Exception {
        Path fifo = folder.resolve("fifo");
        CLibrary.run(List.of("mkfifo", fifo.toString()));
        Runtimes.Lines waiting = new Runtimes.Lines();
        try (LoadedPlugin waiter = load(runtime, waiting);
                LoadedPlugin printer = load(runtime, log)) {
            Thread caller = new Thread(() -> Runtimes.invoke(waiter, "wait", fifo.toString()));
            caller.start();
            // Opening the fifo ends when the plugin has opened it too: then its call runs.
            try (OutputStream out = Files.newOutputStream(fifo)) {
                Runtimes.invoke(printer, "print", "whose?\n");
                out.write('x');
            }
            caller.join();
            assertThat(log.lines).containsExactly("[one of several plugins] whose?");
            assertThat(waiting.lines).containsExactly("[one of several plugins] whose?");
        }
    }

    @Test
    void secondRuntimeStartedDuringACall_givesTheRealStdoutBack() throws Exception {
        Path fifo = folder.resolve("fifo");
        CLibrary.run(List.of("mkfifo", fifo.toString()));
        Path stdout = Path.of("/proc/self/fd/1");
        Path before = Files.readSymbolicLink(stdout);
        try (LoadedPlugin waiter = load(runtime, log)) {
            Thread caller = new Thread(() -> Runtimes.invoke(waiter, "wait", fifo.toString()));
            caller.start();
            try (OutputStream out = Files.newOutputStream(fifo)) {
                assertThat(Files.readSymbolicLink(stdout)).isNotEqualTo(before);
                NativeRuntime second = Runtimes.start(folder.resolve("copies"));
                Runtimes.Lines lines = new Runtimes.Lines();
                try (LoadedPlugin kit = load(second, lines)) {
                    Runtimes.invoke(kit, "print", "from the second\n");
                }
                second.close();
                assertThat(lines.lines).contains("from the second");
                out.write('x');
            }
            caller.join();
            assertThat(Files.readSymbolicLink(stdout)).isEqualTo(before);
        }
    }

    @Test
    void processWithoutStdout_loadsItsPluginsAlike() throws Exception {
        Path seed = CLibrary.compileResource(folder, "seed");
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process process = new ProcessBuilder(
                        "sh",
                        "-c",
                        "exec \"$@\" >&-",
                        "sh",
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        WithoutStdout.class.getName(),
                        seed.toString(),
                        folder.resolve("own").toString())
                .start();
        String errors = new String(process.getErrorStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(errors).isZero();
        assertThat(errors).contains("loaded native-0");
    }

    private LoadedPlugin load(NativeRuntime where, Runtimes.Lines lines) throws Exception {
        return Runtimes.load(
                where, library, Runtimes.manifest(""), Runtimes.limits(Duration.ofSeconds(20), LIMIT), lines);
    }

    /** Program of a child process: loads a plugin and says on stderr what came of it. */
    static final class WithoutStdout {

        private WithoutStdout() {}

        public static void main(String[] arguments) throws Exception {
            NativeRuntime runtime = Runtimes.start(Path.of(arguments[1]));
            Runtimes.Lines lines = new Runtimes.Lines();
            LoadedPlugin seed = Runtimes.load(
                    runtime,
                    Path.of(arguments[0]),
                    Runtimes.manifest(""),
                    Runtimes.limits(Duration.ofSeconds(20), LIMIT),
                    lines);
            System.err.println("loaded " + seed.abi() + " " + lines.lines);
            seed.close();
            runtime.close();
        }
    }
}
