package org.circleosd.pluginmanager.sandbox.wasi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.engine.WasmFunctionType;
import org.circleosd.pluginmanager.api.engine.WasmType;
import org.circleosd.pluginmanager.sandbox.Failures;
import org.circleosd.pluginmanager.sandbox.wasi.tree.WasiErrno;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class WasiTest {

    private static final int VECTORS = 64;
    private static final int ANSWER = 32;
    private static final int BUFFER = 1024;

    private final ArrayMemory memory = new ArrayMemory(65536);
    private final List<String> log = new ArrayList<>();
    private final ResultStream result = new ResultStream(1000);
    private final CallLog callLog = new CallLog(log::add, 1000);
    private final Wasi wasi = new Wasi(WasiSettings.ofName("plug"), callLog);

    @Test
    void read_fillsBuffersAndTellsTheEnd() {
        wasi.beCommand("plug", "func", "abcdef".getBytes(UTF_8), result);
        vector(0, BUFFER, 4);
        vector(1, BUFFER + 100, 100);
        assertThat(call("fd_read", 0, VECTORS, 2, ANSWER)).isEqualTo(WasiErrno.SUCCESS);
        assertThat(memory.readInt(ANSWER)).isEqualTo(6);
        assertThat(memory.read(BUFFER, 4)).isEqualTo("abcd".getBytes(UTF_8));
        assertThat(memory.read(BUFFER + 100, 2)).isEqualTo("ef".getBytes(UTF_8));
        assertThat(call("fd_read", 0, VECTORS, 2, ANSWER)).isEqualTo(WasiErrno.SUCCESS);
        assertThat(memory.readInt(ANSWER)).isZero();
    }

    @Test
    void readIntoItsOwnVectors_usesThemAsTheyWere() {
        byte[] hostile = new byte[16];
        Arrays.fill(hostile, (byte) 0xff);
        wasi.beCommand("plug", "func", hostile, result);
        vector(0, VECTORS + 8, 8);
        vector(1, BUFFER, 8);
        assertThat(call("fd_read", 0, VECTORS, 2, ANSWER)).isEqualTo(WasiErrno.SUCCESS);
        assertThat(memory.readInt(ANSWER)).isEqualTo(16);
        assertThat(memory.readInt(BUFFER)).isEqualTo(-1);
    }

    @Test
    void write_goesToTheResultAndTheLog() {
        wasi.beCommand("plug", "func", new byte[0], result);
        memory.write(BUFFER, "hello\nworld".getBytes(UTF_8), 0, 11);
        vector(0, BUFFER, 11);
        assertThat(call("fd_write", 1, VECTORS, 1, ANSWER)).isEqualTo(WasiErrno.SUCCESS);
        assertThat(memory.readInt(ANSWER)).isEqualTo(11);
        assertThat(call("fd_write", 2, VECTORS, 1, ANSWER)).isEqualTo(WasiErrno.SUCCESS);
        assertThat(new String(result.toByteArray(), UTF_8)).isEqualTo("hello\nworld");
        assertThat(log).containsExactly("hello");
        wasi.endCall();
        assertThat(log).containsExactly("hello", "world");
    }

    @ParameterizedTest
    @CsvSource({
        // address, length of the buffer, address and number of vectors, address of the answer: error
        "1024, 10, 64, 1, 32, 0",
        "65530, 10, 64, 1, 32, 21",
        "-1, 1, 64, 1, 32, 21",
        "0, -1, 64, 1, 32, 21",
        "0, 2147483647, 64, 1, 32, 21",
        "1024, 10, 65532, 1, 32, 21",
        "1024, 10, -8, 1, 32, 21",
        "1024, 10, 64, -1, 32, 28",
        "1024, 10, 64, 1025, 32, 28",
        "1024, 10, 64, 2147483647, 32, 28",
        "1024, 10, 64, 1, 65533, 21",
        "1024, 10, 64, 1, -1, 21",
    })
    void rangeOutsideTheMemory_isAFault(int address, int length, int vectors, int count, int answer, int error) {
        vector(0, address, length);
        assertThat(call("fd_write", 1, vectors, count, answer)).isEqualTo(error);
        assertThat(call("fd_read", 0, vectors, count, answer)).isEqualTo(error);
    }

    @ParameterizedTest
    @CsvSource({
        "fd_read, 1, 8",
        "fd_read, 3, 8",
        "fd_write, 0, 8",
        "fd_write, -1, 8",
        "fd_close, 3, 8",
        "fd_close, -1, 8",
        "fd_close, 32, 8",
        "fd_seek, 1, 70",
        "fd_seek, 7, 8",
        "fd_prestat_get, 3, 8",
        "fd_readdir, 0, 54",
        "path_open, 3, 8",
        "path_open, 0, 54",
        "sock_send, 1, 57",
        "sock_accept, 4, 8",
        "fd_sync, 1, 0",
        "environ_get, 0, 0",
        "sched_yield, 0, 0",
        "proc_raise, 6, 52",
        "fd_filestat_get, 2, 0",
        "fd_fdstat_get, 9, 8",
    })
    void descriptorThatIsNotMeantForIt_getsTheErrorOfItsKind(String function, int fd, int error) {
        assertThat(call(function, fd)).isEqualTo(error);
    }

    @Test
    void closedStream_isBackInTheNextCall() {
        assertThat(call("fd_close", 1)).isEqualTo(WasiErrno.SUCCESS);
        assertThat(call("fd_write", 1, VECTORS, 0, ANSWER)).isEqualTo(WasiErrno.BADF);
        wasi.endCall();
        assertThat(call("fd_write", 1, VECTORS, 0, ANSWER)).isEqualTo(WasiErrno.SUCCESS);
    }

    @Test
    void arguments_areNameAndFunction() {
        wasi.beCommand("plug", "func", new byte[0], result);
        assertThat(call("args_sizes_get", 0, 4)).isEqualTo(WasiErrno.SUCCESS);
        assertThat(memory.readInt(0)).isEqualTo(2);
        assertThat(memory.readInt(4)).isEqualTo(10);
        assertThat(call("args_get", 8, BUFFER)).isEqualTo(WasiErrno.SUCCESS);
        assertThat(new String(memory.read(BUFFER, 10), UTF_8)).isEqualTo("plug\0func\0");
        assertThat(memory.readInt(12)).isEqualTo(BUFFER + 5);
        assertThat(call("args_get", 65532, BUFFER)).isEqualTo(WasiErrno.FAULT);
        assertThat(call("args_get", 8, 65530)).isEqualTo(WasiErrno.FAULT);
    }

    @ParameterizedTest
    @CsvSource({"1024, 20000, 0", "60000, 10000, 21", "0, -1, 21", "-1, 2, 21"})
    void random_fillsTheRangeOnly(int address, int length, int error) {
        assertThat(call("random_get", address, length)).isEqualTo(error);
        if (error == WasiErrno.SUCCESS) {
            assertThat(memory.read(0, address)).containsOnly(0);
            assertThat(memory.read(address + length - 32, 32)).isNotEqualTo(new byte[32]);
            assertThat(memory.read(address + length, 1000)).containsOnly(0);
        }
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 0", "1, 0, 0", "3, 0, 0", "4, 0, 28", "-1, 0, 28", "0, 65530, 21"})
    void clock_answersForTheClocksThereAre(int clock, int address, int error) {
        assertThat(call("clock_time_get", clock, 0, address)).isEqualTo(error);
        assertThat(call("clock_res_get", clock, address)).isEqualTo(error);
    }

    @ParameterizedTest
    @CsvSource({
        // type, clock or descriptor, nanoseconds, error of the call, error of the event
        "0, 1, 1000, 0, 0",
        "0, 0, 0, 0, 0",
        "1, 0, 0, 0, 0",
        "2, 1, 0, 0, 0",
        "2, 9, 0, 0, 8",
        "0, 9, 1000, 28, 0",
        "3, 0, 0, 28, 0",
    })
    void poll_answersWithTheEvent(int type, int what, long nanos, int error, int eventError) {
        subscribe(0, 7, type, what, nanos);
        assertThat(call("poll_oneoff", BUFFER, 4096, 1, ANSWER)).isEqualTo(error);
        if (error == WasiErrno.SUCCESS) {
            assertThat(memory.readInt(ANSWER)).isEqualTo(1);
            assertThat(memory.readInt(4096)).isEqualTo(7);
            assertThat(memory.readInt(4096 + 8)).isEqualTo(eventError | type << 16);
        }
    }

    @Test
    void pollOfAReadyStreamAndAFarClock_doesNotSleep() {
        subscribe(0, 7, 0, 1, Long.MAX_VALUE);
        subscribe(1, 8, 1, 0, 0);
        assertThat(call("poll_oneoff", BUFFER, 4096, 2, ANSWER)).isEqualTo(WasiErrno.SUCCESS);
        assertThat(memory.readInt(ANSWER)).isEqualTo(1);
        assertThat(memory.readInt(4096)).isEqualTo(8);
    }

    @Test
    void pollForEver_endsWithAnInterrupt() {
        subscribe(0, 7, 0, 1, -1);
        Thread.currentThread().interrupt();
        Failures.assertFails(ErrorCode.CANCELLED, () -> call("poll_oneoff", BUFFER, 4096, 1, ANSWER));
        assertThat(Thread.currentThread().isInterrupted()).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"0, 28", "-1, 28", "1025, 28", "1024, 0"})
    void pollOfManyEvents_isBounded(int count, int error) {
        for (int i = 0; i < Math.min(count, 1024); i++) {
            memory.writeInt(i * 48 + 8, 1);
        }
        assertThat(call("poll_oneoff", 0, 0, count, 65000)).isEqualTo(error);
    }

    @Test
    void exit_unwindsWithItsCode() {
        assertThatExceptionOfType(ProcExit.class)
                .isThrownBy(() -> call("proc_exit", 3))
                .extracting(ProcExit::code)
                .isEqualTo(3);
    }

    @Test
    void everyFunctionWithAnyArguments_staysInsideTheMemory() {
        int[] values = {0, 1, 2, 3, 64, 65535, 65536, Integer.MAX_VALUE, Integer.MIN_VALUE, -1, -8};
        Random random = new Random(1);
        byte[] ones = new byte[65536];
        Arrays.fill(ones, (byte) 1);
        for (String name : WasiFunctions.names()) {
            for (int i = 0; i < 500 && !name.startsWith("proc"); i++) {
                long[] args = random.longs(9)
                        .map(bits -> values[(int) Long.remainderUnsigned(bits, values.length)])
                        .toArray();
                // Wherever a list of events may start, it asks for streams, which are ready: a clock would be waited
                // for.
                memory.write(0, ones, 0, ones.length);
                assertThat(call(name, args)).as(name).isBetween(0L, 76L);
            }
        }
    }

    private long call(String name, long... given) {
        WasmFunctionType type = Objects.requireNonNull(WasiFunctions.type(name));
        long[] args = Arrays.copyOf(given, type.params().size());
        for (int i = 0; i < args.length; i++) {
            // As an engine hands them over: an i32 is what its low half says.
            args[i] = type.params().get(i) == WasmType.I32 ? args[i] & 0xffffffffL : args[i];
        }
        return WasiFunctions.bind(name, wasi).body().call(memory, args);
    }

    private void vector(int index, int address, int length) {
        memory.writeInt(VECTORS + 8 * index, address);
        memory.writeInt(VECTORS + 8 * index + 4, length);
    }

    private void subscribe(int index, int userdata, int type, int what, long nanos) {
        int at = BUFFER + 48 * index;
        memory.writeLong(at, userdata);
        memory.writeInt(at + 8, type);
        memory.writeInt(at + 16, what);
        memory.writeLong(at + 24, nanos);
    }
}
