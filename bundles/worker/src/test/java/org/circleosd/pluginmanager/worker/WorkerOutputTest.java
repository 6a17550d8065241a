package org.circleosd.pluginmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.worker.RunningWorker.PROBE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.circleosd.pluginmanager.worker.wire.ResultStatus;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What plugins print and do to descriptors, in each worker program. */
@Timeout(value = 180, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkerOutputTest {

    private static final long GIGABYTE = 1L << 30;

    @TempDir
    static Path directory;

    private static Path probe;
    private static Path printer;

    @BeforeAll
    static void compile() throws Exception {
        probe = TestPlugins.compile(directory, "probe", "probe");
        printer = TestPlugins.compile(directory, "printer", "printer");
    }

    @ParameterizedTest
    @EnumSource
    void voidFunction_answersWhatItPrinted(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            RunningWorker.Loaded loaded = worker.load(1, printer, RunningWorker.mask("plugin_init"));

            assertThat(loaded).isEqualTo(new RunningWorker.Loaded(0, ""));
            assertThat(worker.run("say_hello").good()).isEqualTo("hello");
            assertThat(worker.run("write_hello").good()).isEqualTo("raw hello");
            assertThat(worker.run("print_and_write").good()).isEqualTo("one two three");
            assertThat(worker.run("silent").good()).isEmpty();
            assertThat(worker.run("plugin_init").good()).isEqualTo("initialised\n");
            worker.log().awaitText("initialised\n");
            worker.log().awaitText("to the log\n");
            assertThat(worker.log().text()).doesNotContain("hello", "three");
        }
    }

    @ParameterizedTest
    @EnumSource
    void printedText_isTakenUpToItsLimit(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            worker.load(1, printer, RunningWorker.mask("plugin_init"));

            assertThat(worker.run("megabyte").bytes()).hasSize(1 << 20);
            assertThat(worker.run("more_than_a_megabyte")).hasToString("TOO_LARGE 0 1048577");
            assertThat(worker.run("say_hello").good()).isEqualTo("hello");
        }
    }

    @ParameterizedTest
    @EnumSource(names = "C")
    void closedLog_endsTheWorkerBeforeMoreIsTakenForTheCalls(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            worker.load(1, printer, RunningWorker.mask("plugin_init"));

            worker.sendRun("close_log");

            assertThat(worker.exitStatus()).isBetween(1, 127);
            assertThat(worker.log().text()).contains("a plugin closed the worker's descriptors");
        }
    }

    @ParameterizedTest
    @EnumSource
    void whatIsNoFunctionOfTheLibrary_isNotRun(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            worker.load(1, printer, RunningWorker.mask("plugin_init"));

            for (String name : List.of("nothing", "abort", "", "say_hello\0")) {
                assertThat(worker.run(name).status()).as(name).isEqualTo(ResultStatus.NO_FUNCTION);
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void printedTextOfACall_isInTheLogWhenItIsAnswered(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            worker.invoke("print", "without a newline").good();

            worker.log().awaitText("without a newline");
        }
    }

    @ParameterizedTest
    @EnumSource
    void lockOfStdout_keepsNoCallWaiting(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            worker.invoke("hold-stdout", "").good();

            assertThat(worker.invoke("echo", "on").good()).isEqualTo("on");
        }
    }

    @ParameterizedTest
    @CsvSource({"C, write-1", "C, write-2"})
    void gigabyte_goesToTheLog(WorkerUnderTest program, String function) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            worker.invoke(function, String.valueOf(GIGABYTE)).good();

            worker.log().awaitBytes(GIGABYTE);
        }
    }

    @ParameterizedTest
    @EnumSource
    void plugin_findsNothingOnStdinAndNothingInherited(WorkerUnderTest program) throws Exception {
        Path inherited = Files.writeString(directory.resolve("inherited"), "secret");
        List<String> command = new ArrayList<>(List.of("sh", "-c", "exec \"$@\" 9<" + inherited, "sh"));
        command.addAll(program.command());
        try (RunningWorker worker = RunningWorker.start(command, directory)) {
            worker.load(1, probe, PROBE);

            assertThat(worker.invoke("stdin", "").good()).isEqualTo("0");
            assertThat(worker.invoke("has-open", inherited.toString()).good()).isEqualTo("closed");
            assertThat(worker.invoke("has-open", "/dev/null").good()).isEqualTo("open");
        }
    }

    @ParameterizedTest
    @CsvSource({"C, close-all", "C, garbage"})
    void attackOnDescriptors_endsTheRepliesOrBreaksThem(WorkerUnderTest program, String function) throws Exception {
        RunningWorker worker = program.startWith(probe, directory);
        worker.sendInvoke(function, "");

        // As the daemon does: whatever comes that is no reply is the end of the worker.
        boolean trusted = true;
        while (trusted) {
            try {
                worker.next();
            } catch (IOException broken) {
                trusted = false;
            }
        }
        worker.process().toHandle().destroyForcibly();

        assertThat(worker.exitStatus()).isNotNegative();
    }

    @ParameterizedTest
    @EnumSource
    void ignoredTermination_isEndedByTheEndOfTheRequests(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            worker.invoke("ignore-term", "").good();

            // Not the process's own destroy, which closes the pipes as well.
            worker.process().toHandle().destroy();

            worker.reply(worker.send(worker.request(FrameKind.PING)), FrameKind.PONG);
            worker.endRequests();
            assertThat(worker.exitStatus()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void brokenPipeOfAPlugin_isAnErrorAndNotItsEnd(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            assertThat(worker.invoke("broken-pipe", "").good()).isEqualTo("Broken pipe");
        }
    }
}
