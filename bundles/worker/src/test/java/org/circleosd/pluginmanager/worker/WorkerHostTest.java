package org.circleosd.pluginmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.worker.RunningWorker.LONG_MILLIS;
import static org.circleosd.pluginmanager.worker.RunningWorker.PROBE;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What a plugin gets through its host table, in each worker program. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkerHostTest {

    private static final byte[] NONE = {};
    private static final int CANCELLED = -8;

    @TempDir
    static Path directory;

    private static Path probe;

    @BeforeAll
    static void compile() throws Exception {
        probe = TestPlugins.compile(directory, "probe", "probe");
    }

    @ParameterizedTest
    @EnumSource
    void table_isThatOfTheAbi(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            assertThat(worker.invoke("host", "").good()).isEqualTo("64 65536 1");
        }
    }

    @ParameterizedTest
    @EnumSource
    void config_isCopiedUpToTheBuffersLength(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            Map<String, String> config = Map.of("long", "abcd", "empty", "");
            worker.loaded(worker.sendLoad(1, probe.toString(), "", PROBE, config, Map.of("PROBE_MODE", "on")));

            assertThat(worker.invoke("config", "long").good()).isEqualTo("4 ab-");
            assertThat(worker.invoke("config", "empty").good()).isEqualTo("0 ---");
            assertThat(worker.invoke("config", "other").good()).isEqualTo("-7 ---");
            assertThat(worker.invoke("env", "PROBE_MODE").good()).isEqualTo("on");
        }
    }

    @ParameterizedTest
    @EnumSource
    void textsOfTheEnvironment_endWithTheirFirstNul(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            Map<String, String> environment = Map.of("PROBE_MODE\0=x", "on\0off");
            worker.loaded(worker.sendLoad(1, probe.toString(), "", PROBE, Map.of(), environment));

            assertThat(worker.invoke("env", "PROBE_MODE").good()).isEqualTo("on");
        }
    }

    @ParameterizedTest
    @EnumSource
    void log_isSent_cutAtItsLimit(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            byte[] text = "x".repeat(Frame.MAX_LOG_BYTES + 1).getBytes(StandardCharsets.UTF_8);
            int call = worker.sendInvoke(1, "log", text, LONG_MILLIS);

            Frame log = worker.next();
            assertThat(log.kind()).isEqualTo(FrameKind.LOG);
            assertThat(log.id()).isZero();
            assertThat(log.body().u32()).isEqualTo(1);
            assertThat(log.body().u32()).isZero();
            assertThat(log.body().rest()).hasSize(Frame.MAX_LOG_BYTES).containsOnly('x');
            worker.result(call).good();
        }
    }

    @ParameterizedTest
    @EnumSource
    void values_areAskedOfTheDaemon(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            assertThat(asked(worker, "get", "k", 0, "value")).isEqualTo("GET 1 k -> 5 value");
            assertThat(asked(worker, "get", "k", 0, "longer than its buffer")).isEqualTo("GET 1 k -> 22 longer t");
            assertThat(asked(worker, "get", "k", -7, "")).isEqualTo("GET 1 k -> -7 ");
            assertThat(asked(worker, "get", "k", -6, "")).isEqualTo("GET 1 k -> -6 ");
            assertThat(asked(worker, "put", "new", 0, "")).isEqualTo("PUT 1 key 1 new -> 0");
            assertThat(asked(worker, "put", "", -6, "")).isEqualTo("PUT 1 key 1  -> -6");
            assertThat(asked(worker, "delete", "k", 0, "")).isEqualTo("PUT 1 k 0  -> 0");
        }
    }

    /** Calls a function that asks one question, answers it, and returns both as text. */
    private static String asked(RunningWorker worker, String function, String payload, int code, String value)
            throws Exception {
        int call = worker.sendInvoke(function, payload);
        Frame question = worker.next();
        StringBuilder text = new StringBuilder(question.kind().name())
                .append(' ')
                .append(question.body().u32())
                .append(' ')
                .append(question.body().text());
        if (question.kind() == FrameKind.PUT) {
            text.append(' ').append(question.body().u32()).append(' ');
            text.append(new String(question.body().rest(), StandardCharsets.UTF_8));
        }
        worker.answer(question.id(), code, value.getBytes(StandardCharsets.UTF_8));
        return text.append(" -> ").append(worker.result(call).good()).toString();
    }

    @ParameterizedTest
    @EnumSource
    void badKey_isNotAsked(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            assertThat(worker.invoke("get", "k".repeat(5000)).good()).startsWith("-3 ");
            assertThat(worker.invoke("delete", "k".repeat(5000)).good()).isEqualTo("-3");
        }
    }

    @ParameterizedTest
    @EnumSource
    void questionsOfManyThreads_getTheirOwnAnswers(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            int call = worker.sendInvoke("ask-from-threads", "");
            Set<Integer> ids = new HashSet<>();
            Frame frame = worker.next();
            while (frame.kind() != FrameKind.RESULT) {
                assertThat(ids.add(frame.id())).isTrue();
                assertThat(frame.body().u32()).isEqualTo(1);
                byte[] key = frame.body().bytes();
                worker.answer(frame.id(), 0, frame.kind() == FrameKind.GET ? key : NONE);
                frame = worker.next();
            }

            assertThat(frame.id()).isEqualTo(call);
            assertThat(RunningWorker.result(frame).good()).isEqualTo("ok");
            assertThat(ids).hasSize(8 * 300).doesNotContain(0);
        }
    }

    @ParameterizedTest
    @EnumSource
    void questionWithoutAnswer_keepsNothingElseWaiting(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            worker.sendInvoke("get", "k");
            assertThat(worker.next().kind()).isEqualTo(FrameKind.GET);

            worker.reply(worker.send(worker.request(FrameKind.PING)), FrameKind.PONG);
            worker.endRequests();

            assertThat(worker.exitStatus()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void callPastItsTime_isCancelled_alsoForThePluginsOwnThreads(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            assertThat(worker.invoke("cancelled", "").good()).isEqualTo("0");
            assertThat(worker.result(worker.sendInvoke(1, "until-cancelled", NONE, 20))
                            .code())
                    .isEqualTo(CANCELLED);
            assertThat(worker.result(worker.sendInvoke(1, "thread-until-cancelled", NONE, 20))
                            .code())
                    .isEqualTo(CANCELLED);
            assertThat(worker.invoke("cancelled", "").good()).isEqualTo("0");
        }
    }

    @ParameterizedTest
    @EnumSource
    void lateCall_doesNotCancelTheOneBesideIt(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            worker.send(worker.request(FrameKind.THREADS).u32(1).u32(2));
            worker.invoke("barrier", "2");
            // Both lanes are known to run; then one of them is late.
            worker.sendInvoke("meet", "");
            worker.sendInvoke("meet", "");
            worker.next();
            worker.next();
            int late = worker.sendInvoke(1, "until-cancelled", NONE, 0);
            assertThat(worker.result(late).code()).isEqualTo(CANCELLED);

            assertThat(worker.invoke("cancelled", "").good()).isEqualTo("0");
        }
    }
}
