package org.circleosd.pluginmanager.engine.chicory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.engine.chicory.Modules.call;
import static org.circleosd.pluginmanager.engine.chicory.Modules.failure;

import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.api.engine.WasmInstance;
import org.circleosd.pluginmanager.api.engine.WasmModule;
import org.circleosd.pluginmanager.engine.chicory.admission.ChildLimits;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Modules are compiled in real child processes, which leave nothing behind. */
@Timeout(180)
class AdmissionTest {

    private static final long HEAP = 128L << 20;
    private static final Duration TIME = Duration.ofSeconds(120);

    @TempDir
    private Path folder;

    private Admission admission(Admission.Mode mode, long heapBytes, Duration time) {
        return new Admission(mode, List.of(folder), new ChildLimits(heapBytes, time));
    }

    private Admission process() {
        return admission(Admission.Mode.PROCESS, HEAP, TIME);
    }

    @AfterEach
    void nothingIsLeft() throws IOException {
        assertThat(ProcessHandle.current().children()).as("child processes").isEmpty();
        try (Stream<Path> files = Files.list(folder)) {
            assertThat(files).as("files").isEmpty();
        }
    }

    @Test
    void module_runsAsIfCompiledHere() {
        List<Integer> seen = new ArrayList<>();
        byte[] wasm = ManyFunctions.module(130);
        ChicoryEngine engine = new ChicoryEngine(Optional.empty(), process());

        try (WasmModule module = engine.compile(wasm, Sha256.of(wasm), (compiled, of) -> seen.add(compiled));
                WasmInstance instance = module.instantiate(List.of(), Modules.MEBIBYTE)) {
            assertThat(call(instance, "run", 1)).isEqualTo(131);
        }

        assertThat(seen).containsExactly(0, 64, 128, 130);
    }

    @Test
    void refusal_hasTheCodeAndTheWordsOfTheChild() {
        // A function of type () -> (i32) whose body is empty.
        byte[] invalid = HexFormat.of().parseHex("0061736d01000000" + "0105016000017f" + "03020100" + "0a040102000b");
        String here = failure(ErrorCode.PLUGIN_INVALID, () -> ModuleCompiler.compile(invalid, CompileProgress.UNSEEN))
                .getMessage();

        assertThat(failure(ErrorCode.PLUGIN_INVALID, () -> process().compile(invalid, CompileProgress.UNSEEN)))
                .hasMessage(here);
    }

    @Test
    void moduleThatNeedsTooMuchMemory_isRefusedWithTheSetting() {
        byte[] large = ManyFunctions.module(100_000);
        Admission admission = admission(Admission.Mode.PROCESS, 32L << 20, TIME);

        assertThat(failure(ErrorCode.LIMIT_EXCEEDED, () -> admission.compile(large, CompileProgress.UNSEEN)))
                .hasMessageContaining("33554432")
                .hasMessageContaining("admission.memory.bytes");
    }

    @Test
    void moduleThatTakesTooLong_isRefusedWithTheSetting() {
        Admission admission = admission(Admission.Mode.PROCESS, HEAP, Duration.ofMillis(1));

        assertThat(failure(
                        ErrorCode.LIMIT_EXCEEDED,
                        () -> admission.compile(ManyFunctions.module(1), CompileProgress.UNSEEN)))
                .hasMessageContaining("1 ms")
                .hasMessageContaining("admission.ms");
    }

    @Test
    void interruptedThread_isCancelledAndItsFlagIsClear() {
        CompileProgress interrupting = (compiled, of) -> Thread.currentThread().interrupt();

        failure(ErrorCode.CANCELLED, () -> process().compile(ManyFunctions.module(10_000), interrupting));

        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @Test
    void processThatCannotStart_isNamedWithAWayOut() {
        Admission admission =
                new Admission(Admission.Mode.PROCESS, List.of(folder.resolve("missing")), new ChildLimits(HEAP, TIME));

        assertThat(failure(
                        ErrorCode.UNAVAILABLE,
                        () -> admission.compile(ManyFunctions.module(1), CompileProgress.UNSEEN)))
                .hasMessageContaining("missing")
                .hasMessageContaining("admission = thread");
    }

    @Test
    void processThatDiesAtOnce_isNamedWithWhatItSaid() {
        // No Java has a heap like this.
        Admission admission = admission(Admission.Mode.PROCESS, Long.MAX_VALUE >> 1, TIME);

        assertThat(failure(
                        ErrorCode.UNAVAILABLE,
                        () -> admission.compile(ManyFunctions.module(1), CompileProgress.UNSEEN)))
                .hasMessageContaining("status 1: ")
                .hasMessageContaining("initialization of VM");
    }

    @Test
    void unwritableFolder_isReplacedByTheNext() {
        Admission admission = new Admission(
                Admission.Mode.PROCESS, List.of(folder.resolve("missing"), folder), new ChildLimits(HEAP, TIME));

        assertThat(admission
                        .compile(ManyFunctions.module(1), CompileProgress.UNSEEN)
                        .functions())
                .isEqualTo(1);
    }

    @Test
    void auto_compilesOnlyTheSmallestHere() {
        // Whatever needs a process fails.
        Admission admission =
                new Admission(Admission.Mode.AUTO, List.of(folder.resolve("missing")), new ChildLimits(HEAP, TIME));

        assertThat(admission
                        .compile(Modules.bytes("host"), CompileProgress.UNSEEN)
                        .functions())
                .isPositive();
        failure(
                ErrorCode.UNAVAILABLE,
                () -> admission.compile(InterpretedFunctionTest.largeModule(), CompileProgress.UNSEEN));
    }

    @Test
    void deathOfTheParent_endsTheChild() throws Exception {
        byte[] large = ManyFunctions.module(100_000);
        Process child = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        CompileProgram.class.getName())
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.DISCARD)
                .start();
        try (DataOutputStream out = new DataOutputStream(child.getOutputStream())) {
            out.writeInt(large.length);
            out.write(large);
        }

        assertThat(child.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(child.exitValue()).isEqualTo(CompileProgram.ORPHANED);
    }
}
