package org.circleosd.pluginmanager.nativeloader;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class DeadlineTest {

    @TempDir
    private Path folder;

    private final Runtimes.Lines log = new Runtimes.Lines();
    private Path fifo;
    private Path library;
    private NativeRuntime runtime;
    private LoadedPlugin kit;

    @BeforeEach
    void load() throws Exception {
        fifo = folder.resolve("fifo");
        CLibrary.run(List.of("mkfifo", fifo.toString()));
        library = CLibrary.compileResource(folder, "kit");
        runtime = Runtimes.start(folder.resolve("copies"), Map.of("shutdown_ms", 100));
        kit = loadWithin(Duration.ofMillis(1500));
    }

    @AfterEach
    void stop() {
        runtime.close();
    }

    @Test
    void callPastItsDeadline_isATimeoutAndThePluginRestsUntilItReturns() throws Exception {
        assertWait(ErrorCode.TIMEOUT).withMessage("'wait' did not end within 1500 ms");
        assertEcho(ErrorCode.PLUGIN_FAILED)
                .withMessage(
                        "native plugin 'fixture' is still busy with 'wait', which passed its deadline;" + " reload it");
        letGo();
        assertThat(echoWhenBack()).isEqualTo("back");
    }

    @Test
    void pluginThatHangs_doesNotStopAnother() throws Exception {
        try (LoadedPlugin other = loadWithin(Duration.ofSeconds(30))) {
            assertWait(ErrorCode.TIMEOUT);
            assertThat(Runtimes.invoke(other, "echo", "x")).isEqualTo("x");
            Runtimes.invoke(other, "print", "printed meanwhile\n");
            assertThat(log.lines).containsExactly("printed meanwhile");
        } finally {
            letGo();
        }
    }

    @Test
    void pluginThatAsks_seesThatItIsCancelled() {
        assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> Runtimes.invoke(kit, "until-cancelled", ""))
                .satisfies(failure -> assertThat(failure.code()).isIn(ErrorCode.TIMEOUT, ErrorCode.CANCELLED));
        assertThat(echoWhenBack()).isEqualTo("back");
    }

    @Test
    void pluginThatHangs_isClosedWithinItsBoundAndShutDownWhenItReturns() throws Exception {
        assertWait(ErrorCode.TIMEOUT);
        kit.close();
        assertThat(log.lines).isEmpty();
        letGo();
        while (log.lines.isEmpty()) {
            Thread.onSpinWait();
        }
        assertThat(log.lines).containsExactly("[warn] shut down");
    }

    @Test
    void callerThatIsInterrupted_isCancelledAndKeepsItsFlag() throws Exception {
        Thread.currentThread().interrupt();
        assertWait(ErrorCode.CANCELLED);
        assertThat(Thread.interrupted()).isTrue();
    }

    private LoadedPlugin loadWithin(Duration timeout) throws Exception {
        return Runtimes.load(runtime, library, Runtimes.manifest(""), Runtimes.limits(timeout, 1 << 20), log);
    }

    private ThrowableAssertAlternative<PluginException> assertWait(ErrorCode code) {
        return assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> Runtimes.invoke(kit, "wait", fifo.toString()))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
    }

    private ThrowableAssertAlternative<PluginException> assertEcho(ErrorCode code) {
        return assertThatExceptionOfType(PluginException.class)
                .isThrownBy(() -> Runtimes.invoke(kit, "echo", ""))
                .satisfies(failure -> assertThat(failure.code()).isEqualTo(code));
    }

    private void letGo() throws Exception {
        try (OutputStream out = Files.newOutputStream(fifo)) {
            out.write('x');
        }
    }

    private String echoWhenBack() {
        while (true) {
            try {
                return Runtimes.invoke(kit, "echo", "back");
            } catch (PluginException e) {
                assertThat(e.code()).isEqualTo(ErrorCode.PLUGIN_FAILED);
            }
        }
    }
}
