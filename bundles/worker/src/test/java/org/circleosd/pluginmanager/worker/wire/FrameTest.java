package org.circleosd.pluginmanager.worker.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.ByteArrayInputStream;
import java.io.EOFException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FrameTest {

    private static final byte[] INVOKE = new FrameBytes(7, FrameKind.INVOKE)
            .u32(3)
            .u64(1L << 40)
            .text("größe")
            .bytes(new byte[] {1, 2})
            .rest("payload".getBytes(StandardCharsets.UTF_8))
            .toBytes();

    @Test
    void writtenFrame_isReadAgain() throws Exception {
        Frame frame = read(INVOKE);

        assertThat(frame.id()).isEqualTo(7);
        assertThat(frame.kind()).isEqualTo(FrameKind.INVOKE);
        assertThat(frame.body().u32()).isEqualTo(3);
        assertThat(frame.body().u64()).isEqualTo(1L << 40);
        assertThat(frame.body().text()).isEqualTo("größe");
        assertThat(frame.body().bytes()).containsExactly(1, 2);
        assertThat(frame.body().rest()).asString().isEqualTo("payload");
    }

    @Test
    void cutFrame_isTheEnd() {
        for (int length = 0; length < INVOKE.length; length++) {
            byte[] cut = Arrays.copyOf(INVOKE, length);
            assertThatExceptionOfType(EOFException.class).isThrownBy(() -> read(cut));
        }
    }

    @Test
    void longFrame_isReadWholeOrItIsTheEnd() throws Exception {
        byte[] payload = new byte[5 << 20];
        new Random(1).nextBytes(payload);
        byte[] bytes = new FrameBytes(1, FrameKind.RESULT).rest(payload).toBytes();

        Frame frame = Frame.read(new ByteArrayInputStream(bytes), payload.length);

        assertThat(frame.body().rest()).isEqualTo(payload);
        for (int missing : new int[] {1, 2 << 20, 3 << 20, 4 << 20}) {
            byte[] cut = Arrays.copyOf(bytes, bytes.length - missing);
            assertThatExceptionOfType(EOFException.class)
                    .isThrownBy(() -> Frame.read(new ByteArrayInputStream(cut), payload.length));
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {-1, Integer.MIN_VALUE, 1001})
    void lengthAboveTheMost_isRefusedBeforeAnythingIsAllocated(int length) {
        byte[] head = new FrameBytes(length, FrameKind.PONG)
                .u32(length)
                .u32(1)
                .u32(FrameKind.PONG.number())
                .toBytes();

        assertThatExceptionOfType(BrokenFrameException.class)
                .isThrownBy(() -> read(Arrays.copyOfRange(head, 12, 24)))
                .withMessageContaining("the most is 1000");
    }

    @Test
    void unknownKind_isRefused() {
        byte[] frame = new FrameBytes(1, FrameKind.PONG).toBytes();
        frame[11] = 99;

        assertThatExceptionOfType(BrokenFrameException.class)
                .isThrownBy(() -> read(frame))
                .withMessageContaining("unknown kind 99");
    }

    @ParameterizedTest
    @ValueSource(ints = {5, Integer.MAX_VALUE, -1})
    void lengthInsideTheBody_isNotBelieved(int length) throws Exception {
        Frame frame = read(new FrameBytes(1, FrameKind.GET).u32(length).u32(0).toBytes());

        assertThatExceptionOfType(BrokenFrameException.class)
                .isThrownBy(() -> frame.body().bytes())
                .withMessageContaining("too short");
    }

    private static Frame read(byte[] bytes) throws Exception {
        return Frame.read(new ByteArrayInputStream(bytes), 1000);
    }
}
