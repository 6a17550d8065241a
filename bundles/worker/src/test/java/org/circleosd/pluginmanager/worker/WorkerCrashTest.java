package org.circleosd.pluginmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.EOFException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** A plugin that ends its process: the replies end, the exit status and the log tell why. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@EnabledOnOs(OS.LINUX)
class WorkerCrashTest {

    private static final int INVOCABLE = RunningWorker.mask("plugin_invoke");

    @TempDir
    static Path directory;

    private static Path crasher;

    @BeforeAll
    static void compile() throws Exception {
        crasher = TestPlugins.compile(directory, "crasher", "crasher");
    }

    @ParameterizedTest(name = "{0}")
    @CsvSource(quoteCharacter = '"', textBlock = """
            segv,        139, worker: signal 11 (SIGSEGV) at 0x10 in crasher.so+0x, crash_now
            thread,      139, worker: signal 11 (SIGSEGV) at 0x10 in crasher.so+0x, crash_now
            printed,     139, last words\\nworker: signal 11 (SIGSEGV) at 0x10 in,   plugin_invoke
            null-call,   139, worker: signal 11 (SIGSEGV) at 0x0\\nworker:   #1 cra, plugin_invoke
            overflow,    139, worker: signal 11 (SIGSEGV) at 0x,                     worker:   #32 crasher.so+0x
            divide,      136, worker: signal 8 (SIGFPE) at 0x,                       plugin_invoke
            trap,        132, worker: signal 4 (SIGILL) at 0x,                       plugin_invoke
            abort,       134, worker: signal 6 (SIGABRT) in libc.so.6+0x,            plugin_invoke
            double-free, 134, worker: signal 6 (SIGABRT) in libc.so.6+0x,            double free
            exit,        0,   worker: the plugin called exit(0),                     exit
            exit-7,      7,   worker: the plugin called exit(7),                     exit
            """)
    void endOfTheProcess_isExplainedByTheCWorker(String function, int status, String line, String more)
            throws Exception {
        try (RunningWorker worker = WorkerUnderTest.C.start(directory)) {
            worker.load(1, crasher, INVOCABLE);
            worker.sendInvoke(function, "");

            assertThatThrownBy(worker::next).isInstanceOf(EOFException.class);

            assertThat(worker.exitStatus()).isEqualTo(status);
            assertThat(worker.log().text()).contains(line.replace("\\n", "\n")).contains(more);
        }
    }

    @ParameterizedTest
    @CsvSource({"C, _exit, 0", "C, exit-7, 7", "C, abort, 134"})
    void endOfTheProcess_isItsStatus(WorkerUnderTest program, String function, int status) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            worker.load(1, crasher, INVOCABLE);
            worker.sendInvoke(function, "");

            assertThatThrownBy(worker::next).isInstanceOf(EOFException.class);

            assertThat(worker.exitStatus()).isEqualTo(status);
        }
    }

    @ParameterizedTest
    @EnumSource
    void crashInAConstructor_isExplained(WorkerUnderTest program) throws Exception {
        Path early = TestPlugins.compile(directory, "crasher", "early", "-DIN_CONSTRUCTOR");
        try (RunningWorker worker = program.start(directory)) {
            worker.sendLoad(1, early.toString(), "", INVOCABLE, Map.of(), Map.of());

            assertThatThrownBy(worker::next).isInstanceOf(EOFException.class);

            assertThat(worker.exitStatus()).isGreaterThan(128);
            assertThat(worker.log().text()).contains("SIGSEGV").contains("early.so+0x");
        }
    }
}
