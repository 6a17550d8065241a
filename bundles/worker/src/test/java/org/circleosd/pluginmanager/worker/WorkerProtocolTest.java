package org.circleosd.pluginmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.worker.RunningWorker.LONG_MILLIS;
import static org.circleosd.pluginmanager.worker.RunningWorker.PROBE;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.worker.RunningWorker.Loaded;
import org.circleosd.pluginmanager.worker.RunningWorker.Refused;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.circleosd.pluginmanager.worker.wire.LoadStage;
import org.circleosd.pluginmanager.worker.wire.ResultStatus;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Loading and calling, in each worker program. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkerProtocolTest {

    private static final byte[] NONE = {};

    @TempDir
    static Path directory;

    private static Path probe;

    @BeforeAll
    static void compile() throws Exception {
        probe = TestPlugins.compile(directory, "probe", "probe");
    }

    @ParameterizedTest
    @EnumSource
    void start_isToldFirst(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            Frame ready = worker.ready();

            assertThat(ready.kind()).isEqualTo(FrameKind.READY);
            assertThat(ready.id()).isZero();
            assertThat(ready.body().u32()).isEqualTo(FrameKind.PROTOCOL_VERSION);
            assertThat(ready.body().u32()).isEqualTo((int) worker.process().pid());
            assertThat(ready.body().text()).isEqualToIgnoringCase(program.name());
        }
    }

    @ParameterizedTest
    @EnumSource
    void load_callsInOrderOnOneThread(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            Loaded loaded = worker.load(1, probe, PROBE);

            assertThat(loaded).isEqualTo(new Loaded(1, "{\"functions\":[]}"));
            assertThat(worker.invoke("order", "").good()).isEqualTo("constructor abi attach init describe invoke ");
        }
    }

    @ParameterizedTest
    @EnumSource
    void functionsOutsideTheMask_areNotCalled(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            int mask = RunningWorker.mask("plugin_attach", "plugin_invoke");

            assertThat(worker.load(1, probe, mask)).isEqualTo(new Loaded(1, ""));
            assertThat(worker.invoke("order", "").good()).isEqualTo("constructor attach invoke ");
            assertThat(worker.invoke("frees", "").good()).isEqualTo("0");
        }
    }

    @ParameterizedTest
    @EnumSource
    void entry_isCalledInsteadOfInit(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            worker.loaded(worker.sendLoad(1, probe.toString(), "other_entry", PROBE, Map.of(), Map.of()));

            assertThat(worker.invoke("order", "").good())
                    .contains(" attach other describe")
                    .doesNotContain("init");
        }
    }

    @ParameterizedTest
    @EnumSource
    void relativePath_startsAtTheWorkersDirectory(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            int id = worker.sendLoad(1, "./" + probe.getFileName(), "", PROBE, Map.of(), Map.of());

            assertThat(worker.loaded(id).level()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void badLibrary_isRefusedWithItsStage_andTheWorkerServesOn(WorkerUnderTest program) throws Exception {
        Path text = Files.writeString(directory.resolve("text.so"), "no library");
        Path old = TestPlugins.compile(directory, "probe", "old", "-DABI=0x20003");
        Path proud = TestPlugins.compile(directory, "probe", "proud", "-DATTACHED=-5");
        try (RunningWorker worker = program.start(directory)) {
            Refused open = worker.refused(worker.sendLoad(1, text.toString(), "", PROBE, Map.of(), Map.of()));
            Refused version = worker.refused(worker.sendLoad(2, old.toString(), "", PROBE, Map.of(), Map.of()));
            Refused attach = worker.refused(worker.sendLoad(3, proud.toString(), "", PROBE, Map.of(), Map.of()));
            Refused entry = worker.refused(worker.sendLoad(4, probe.toString(), "abort", PROBE, Map.of(), Map.of()));

            assertThat(open.stage()).isEqualTo(LoadStage.OPEN);
            assertThat(open.message()).contains("text.so");
            assertThat(version).returns(LoadStage.VERSION, Refused::stage).returns(0x20003, Refused::code);
            assertThat(attach).returns(LoadStage.ATTACH, Refused::stage).returns(-5, Refused::code);
            // A function that another library has is none of the plugin's.
            assertThat(entry.stage()).isEqualTo(LoadStage.ENTRY);
            Path again = TestPlugins.compile(directory, "probe", "again");
            assertThat(worker.load(5, again, PROBE).level()).isEqualTo(1);
        }
    }

    @ParameterizedTest
    @EnumSource
    void payloadsOfAllSizes_areEchoed(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            Random random = new Random(4);
            for (int size : new int[] {0, 1, 4095, 65_500, 65_536, 70_000, 0, RunningWorker.OUTPUT_BYTES}) {
                byte[] payload = new byte[size];
                random.nextBytes(payload);

                byte[] result = worker.result(worker.sendInvoke(1, "echo", payload, LONG_MILLIS))
                        .bytes();

                assertThat(result).isEqualTo(payload);
            }
            assertThat(worker.invoke("frees", "").good()).isEqualTo("8");
        }
    }

    @ParameterizedTest
    @EnumSource
    void resultsThatAreNone_areTold(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            assertThat(worker.invoke("bytes", "1048577")).hasToString("TOO_LARGE 0 1048577");
            assertThat(worker.invoke("null", "")).hasToString("NO_POINTER 0 5");
            assertThat(worker.invoke("code", "7 seven")).hasToString("RETURNED 7 seven");
            assertThat(worker.invoke("code", "-3")).hasToString("RETURNED -3 ");
            assertThat(worker.invoke("code", "1 " + "m".repeat(5000)).bytes()).hasSize(4096);
            assertThat(worker.invoke("nothing", "").code()).isEqualTo(-2);
            assertThat(worker.invoke("echo\0", "").status()).isEqualTo(ResultStatus.NO_FUNCTION);
            assertThat(worker.invoke("echo", "still there").good()).isEqualTo("still there");
        }
    }

    @ParameterizedTest
    @EnumSource
    void pluginThatIsNotInvocable_hasNoFunction(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            worker.load(1, probe, RunningWorker.mask("plugin_init"));

            assertThat(worker.invoke("echo", "").status()).isEqualTo(ResultStatus.NO_FUNCTION);
        }
    }

    @ParameterizedTest
    @EnumSource
    void queuedCalls_areAnsweredInOrder(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            List<Integer> ids = new ArrayList<>();
            for (int i = 0; i < 500; i++) {
                ids.add(worker.sendInvoke("count", ""));
            }
            for (int i = 0; i < 500; i++) {
                assertThat(worker.result(ids.get(i)).good()).isEqualTo(String.valueOf(i + 1));
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void threads_runCallsAtOnce_andShutdownComesAfterThem(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            worker.invoke("barrier", "4");
            worker.send(worker.request(FrameKind.THREADS).u32(1).u32(4));

            // They only return when all four run at the same time.
            for (int i = 0; i < 4; i++) {
                worker.sendInvoke("meet", "");
            }
            int unload = worker.send(worker.request(FrameKind.UNLOAD).u32(1));

            for (int i = 0; i < 4; i++) {
                assertThat(RunningWorker.result(worker.next()).good()).isEmpty();
            }
            assertThat(worker.next().kind()).isEqualTo(FrameKind.LOG);
            worker.reply(unload, FrameKind.UNLOADED);
        }
    }

    @ParameterizedTest
    @EnumSource
    void twoPluginsWithTheSameSymbols_doNotMeet(WorkerUnderTest program) throws Exception {
        Path other = TestPlugins.compile(directory, "probe", "other");
        try (RunningWorker worker = program.startWith(probe, directory)) {
            worker.load(2, other, PROBE);
            worker.invoke("count", "");
            worker.invoke("count", "");

            assertThat(worker.result(worker.sendInvoke(2, "count", NONE, LONG_MILLIS))
                            .good())
                    .isEqualTo("1");
            // One that computes does not keep the other one from answering.
            worker.sendInvoke("spin", "");
            assertThat(worker.next().kind()).isEqualTo(FrameKind.LOG);
            assertThat(worker.result(worker.sendInvoke(2, "count", NONE, LONG_MILLIS))
                            .good())
                    .isEqualTo("2");
        }
    }

    @ParameterizedTest
    @EnumSource
    void unload_shutsDown_andLaterCallsFindNothing(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            int unload = worker.send(worker.request(FrameKind.UNLOAD).u32(1));

            Frame log = worker.next();
            assertThat(log.kind()).isEqualTo(FrameKind.LOG);
            assertThat(log.body().u32()).isEqualTo(1);
            assertThat(log.body().u32()).isEqualTo(1);
            assertThat(log.body().rest()).asString(StandardCharsets.UTF_8).isEqualTo("shut down");
            worker.reply(unload, FrameKind.UNLOADED);
            assertThat(worker.invoke("echo", "").status()).isEqualTo(ResultStatus.NO_FUNCTION);
        }
    }

    @ParameterizedTest
    @EnumSource
    void computingPlugin_keepsNeitherPingNorTheEndWaiting(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.startWith(probe, directory)) {
            worker.sendInvoke("spin", "");
            assertThat(worker.next().kind()).isEqualTo(FrameKind.LOG);

            worker.reply(worker.send(worker.request(FrameKind.PING)), FrameKind.PONG);
            worker.endRequests();

            assertThat(worker.exitStatus()).isZero();
        }
    }

    @ParameterizedTest
    @EnumSource
    void requestsOfAllKinds_areAllAnswered_whoeverReadsThem(WorkerUnderTest program) throws Exception {
        Path second = TestPlugins.compile(directory, "probe", "second");
        Path concurrent = TestPlugins.compile(directory, "probe", "concurrent");
        try (RunningWorker worker = program.startWith(probe, directory)) {
            worker.load(2, second, PROBE);
            worker.load(3, concurrent, PROBE);
            worker.send(worker.request(FrameKind.THREADS).u32(3).u32(3));
            Random random = new Random(7);
            for (int round = 0; round < 300; round++) {
                Map<Integer, FrameKind> open = new HashMap<>();
                for (int i = random.nextInt(6); i >= 0; i--) {
                    int plugin = 1 + random.nextInt(3);
                    switch (random.nextInt(4)) {
                        case 0 -> open.put(worker.send(worker.request(FrameKind.PING)), FrameKind.PONG);
                        // One that takes a while, so that somebody else has to read.
                        case 1 -> open.put(worker.sendInvoke(plugin, "until-cancelled", NONE, 2), FrameKind.RESULT);
                        default -> open.put(worker.sendInvoke(plugin, "echo", NONE, LONG_MILLIS), FrameKind.RESULT);
                    }
                }
                while (!open.isEmpty()) {
                    Frame reply = worker.next();
                    assertThat(open.remove(reply.id())).isEqualTo(reply.kind());
                }
            }
        }
    }
}
