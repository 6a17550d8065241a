package org.circleosd.pluginmanager.worker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.circleosd.pluginmanager.worker.RunningWorker.PROBE;

import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Requests that are none: the worker says so and ends. */
@Timeout(value = 120, unit = TimeUnit.SECONDS, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class WorkerGarbageTest {

    @TempDir
    static Path directory;

    static Stream<Arguments> garbage() {
        byte[] tooLong = {0x7f, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 8};
        byte[] unknown = {0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 99};
        Map<String, byte[]> frames = Map.of(
                "more than " + Frame.MAX_REQUEST_BYTES + " bytes",
                tooLong,
                "an unknown kind",
                unknown,
                "a worker's own kind",
                new FrameBytes(1, FrameKind.RESULT).toBytes(),
                "no plugin's number",
                new FrameBytes(1, FrameKind.INVOKE).toBytes(),
                "a value that nobody asked for",
                new FrameBytes(9, FrameKind.VALUE).u32(0).toBytes(),
                "a text longer than its frame",
                load().text("").u32(-1).toBytes(),
                "more settings than its frame can hold",
                settings(0x0fff_ffff),
                "a filter longer than its frame",
                new FrameBytes(1, FrameKind.CONFINE)
                        .u32(-1)
                        .u32(-1)
                        .u32(0)
                        .u32(8)
                        .toBytes());
        return Stream.of(WorkerUnderTest.values()).flatMap(program -> frames.entrySet().stream()
                .map(frame -> Arguments.of(program, frame.getKey(), frame.getValue())));
    }

    private static FrameBytes load() {
        return new FrameBytes(1, FrameKind.LOAD).u32(1);
    }

    private static byte[] settings(int count) {
        return load().text("./none.so")
                .text("")
                .u32(PROBE)
                .u64(1)
                .u32(1)
                .u32(count)
                .toBytes();
    }

    @ParameterizedTest(name = "{0}: {1}")
    @MethodSource("garbage")
    void badFrame_endsTheWorkerWithALine(WorkerUnderTest program, String what, byte[] frame) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            worker.write(frame);

            assertThat(worker.exitStatus()).as(what).isBetween(1, 127);
            assertThat(worker.log().text()).isNotBlank();
        }
    }

    @ParameterizedTest
    @EnumSource
    void secondUseOfANumber_endsTheWorker(WorkerUnderTest program) throws Exception {
        Path probe = TestPlugins.compile(directory, "probe", "probe");
        try (RunningWorker worker = program.start(directory)) {
            worker.load(1, probe, PROBE);
            worker.sendLoad(1, probe.toString(), "", PROBE, Map.of(), Map.of());

            assertThat(worker.exitStatus()).isBetween(1, 127);
        }
    }

    @ParameterizedTest
    @EnumSource
    void endInsideAFrame_isAnEnd(WorkerUnderTest program) throws Exception {
        try (RunningWorker worker = program.start(directory)) {
            worker.write(new byte[] {0, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 8, 1, 2});
            worker.endRequests();

            assertThat(worker.exitStatus()).isZero();
        }
    }
}
