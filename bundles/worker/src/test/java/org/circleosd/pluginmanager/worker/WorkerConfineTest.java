package org.circleosd.pluginmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.circleosd.pluginmanager.worker.RunningWorker.PROBE;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.worker.wire.ConfineStep;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What {@link FrameKind#CONFINE} does, in each worker program. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
@EnabledOnOs(OS.LINUX)
class WorkerConfineTest {

    private static final boolean ROOT = "root".equals(System.getProperty("user.name"));
    private static final byte[] NO_FILTER = {};
    private static final int STAY = -1;
    private static final int NOBODY = 54_321;
    private static final int EINVAL = 22;
    private static final int EPERM = 1;
    private static final short RETURN = 0x06;
    private static final int ALLOW = 0x7fff_0000;

    @TempDir
    static Path directory;

    @ParameterizedTest
    @EnumSource
    void nothingAskedFor_changesNothingButTheParentDeathSignal(WorkerUnderTest program) throws Exception {
        Path probe = TestPlugins.compile(directory, "probe", "probe");
        try (RunningWorker worker = program.start(directory)) {
            assertThat(confine(worker, STAY, 0, NO_FILTER)).isEqualTo(Map.of(ConfineStep.PARENT_DEATH, 0));
            worker.load(1, probe, PROBE);

            assertThat(worker.invoke("executable-memory", "").good()).isEqualTo("given");
        }
    }

    @ParameterizedTest
    @CsvSource({"C, false, false", "C, true, false", "C, true, true"})
    void deathOfTheParent_endsTheWorker_thoughItsRequestsStayOpen(
            WorkerUnderTest program, boolean confined, boolean otherUser) throws Exception {
        Path fifos = Files.createTempDirectory(directory, "fifos");
        try (RunningWorker worker = RunningWorker.startBelowShell(program.command(), fifos)) {
            if (confined) {
                confine(worker, otherUser ? NOBODY : STAY, 0, NO_FILTER);
            }

            worker.process().toHandle().destroyForcibly();

            assertThatThrownBy(worker::next).isInstanceOf(EOFException.class);
        }
    }

    @ParameterizedTest
    @EnumSource(names = "C")
    void exactMemory_refusesMemoryThatIsWritableAndExecutable(WorkerUnderTest program) throws Exception {
        Path probe = TestPlugins.compile(directory, "probe", "exact");
        try (RunningWorker worker = program.start(directory)) {
            Map<ConfineStep, Integer> steps = confine(worker, STAY, 1, NO_FILTER);
            // Before Linux 6.3 there is no such thing; then the worker says so.
            assertThat(steps.get(ConfineStep.EXACT_MEMORY)).isIn(0, EINVAL);
            worker.load(1, probe, PROBE);

            assertThat(worker.invoke("executable-memory", "").good())
                    .isEqualTo(steps.get(ConfineStep.EXACT_MEMORY) == 0 ? "refused" : "given");
        }
    }

    @ParameterizedTest
    @EnumSource
    void filter_isInstalled_andABadOneReported(WorkerUnderTest program) throws Exception {
        byte[] allow = ByteBuffer.allocate(8)
                .order(ByteOrder.nativeOrder())
                .putShort(RETURN)
                .putShort((short) 0)
                .putInt(ALLOW)
                .array();
        try (RunningWorker worker = program.start(directory)) {
            assertThat(confine(worker, STAY, 0, allow)).containsEntry(ConfineStep.FILTER, 0);
            assertThat(status(worker, "Seccomp")).isEqualTo("2");
            assertThat(status(worker, "NoNewPrivs")).isEqualTo("1");
        }
        try (RunningWorker worker = program.start(directory)) {
            assertThat(confine(worker, STAY, 0, new byte[8])).containsEntry(ConfineStep.FILTER, EINVAL);
        }
    }

    @ParameterizedTest
    @EnumSource
    void otherUser_isBecome_andAnOrdinaryUserIsToldThatItCannot(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            assertThat(confine(worker, NOBODY, 0, NO_FILTER))
                    .isEqualTo(Map.of(ConfineStep.USER, ROOT ? 0 : EPERM, ConfineStep.PARENT_DEATH, 0));
        }
    }

    /** Of another user if there can be one, else of the daemon's own. */
    @ParameterizedTest
    @EnumSource
    void pluginOfTheWorkersUser_isOpenedInTheWorkersOwnDirectory(WorkerUnderTest program) throws Exception {
        Path closed = Files.createTempDirectory(
                directory,
                "closed",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        Path staging = Files.createDirectory(closed.resolve("staging"));
        Path probe = TestPlugins.compile(staging, "probe", "probe");
        if (ROOT) {
            Files.setAttribute(staging, "unix:uid", NOBODY);
        }
        Object uid = Files.getAttribute(staging, "unix:uid");
        Object gid = ROOT ? NOBODY : Files.getAttribute(staging, "unix:gid");
        try (RunningWorker worker = program.start(staging)) {
            confine(worker, ROOT ? NOBODY : STAY, 0, NO_FILTER);
            worker.loaded(worker.sendLoad(1, "./" + probe.getFileName(), "", PROBE, Map.of(), Map.of()));

            String identity = worker.invoke("identity", "").good();
            assertThat(identity).startsWith("uid %s/%s gid %s/%s groups ".formatted(uid, uid, gid, gid));
            if (ROOT) {
                assertThat(identity).isEqualTo("uid 54321/54321 gid 54321/54321 groups 0");
            }
        }
    }

    @ParameterizedTest
    @EnumSource
    void secondConfinement_endsTheWorker(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            confine(worker, STAY, 0, NO_FILTER);
            worker.send(
                    worker.request(FrameKind.CONFINE).u32(STAY).u32(STAY).u32(0).bytes(NO_FILTER));

            assertThat(worker.exitStatus()).isBetween(1, 127);
        }
    }

    private static Map<ConfineStep, Integer> confine(RunningWorker worker, int user, int flags, byte[] filter)
            throws IOException {
        int id = worker.send(
                worker.request(FrameKind.CONFINE).u32(user).u32(user).u32(flags).bytes(filter));
        Frame confined = worker.reply(id, FrameKind.CONFINED);
        Map<ConfineStep, Integer> steps = new LinkedHashMap<>();
        for (int count = confined.body().u32(); count > 0; count--) {
            steps.put(ConfineStep.of(confined.body().u32()), confined.body().u32());
        }
        return steps;
    }

    private static String status(RunningWorker worker, String field) throws IOException {
        Path file = Path.of("/proc", String.valueOf(worker.process().pid()), "status");
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(field + ":"))
                .map(line -> line.substring(field.length() + 1).strip())
                .findFirst()
                .orElse("(unknown)");
    }
}
