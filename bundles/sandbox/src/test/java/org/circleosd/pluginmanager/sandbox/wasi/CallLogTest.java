package org.circleosd.pluginmanager.sandbox.wasi;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CallLogTest {

    private static final int LIMIT = 20;

    private final List<String> log = new ArrayList<>();
    private final CallLog callLog = new CallLog(log::add, LIMIT);

    @Test
    void characterInTwoPieces_isNotTorn() {
        byte[] umlaut = "ä\n".getBytes(UTF_8);
        print(callLog.err(), new byte[] {umlaut[0]});
        assertThat(log).isEmpty();
        print(callLog.err(), new byte[] {umlaut[1], umlaut[2]});
        assertThat(log).containsExactly("ä");
    }

    @Test
    void twoStreams_doNotMixTheirLines() {
        print(callLog.out(), "one ".getBytes(UTF_8));
        print(callLog.err(), "error\n".getBytes(UTF_8));
        print(callLog.out(), "line".getBytes(UTF_8));
        callLog.endCall();
        assertThat(log).containsExactly("error", "one line");
    }

    @Test
    void printAtTheLimit_hasNoMark() {
        print(callLog.out(), "x".repeat(LIMIT).getBytes(UTF_8));
        callLog.endCall();
        assertThat(log).containsExactly("x".repeat(LIMIT));
    }

    @Test
    void printAboveTheLimit_isCutOnceInEachCall() {
        for (int call = 0; call < 2; call++) {
            log.clear();
            for (int i = 0; i < 5; i++) {
                print(callLog.out(), "twelve bytes".getBytes(UTF_8));
                print(callLog.err(), "other stream".getBytes(UTF_8));
            }
            callLog.endCall();
            assertThat(String.join("|", log))
                    .isEqualTo("other st|[cut: the plugin printed more than 20 bytes in one call]|twelve bytes");
        }
    }

    @Test
    void lastLine_isTheLastThatIsNotBlank() {
        assertThat(callLog.lastLine()).isEmpty();
        print(callLog.err(), "first\nlast\n \n".getBytes(UTF_8));
        callLog.endCall();
        assertThat(callLog.lastLine()).isEqualTo("last");
    }

    private static void print(GuestOutput output, byte[] bytes) {
        ArrayMemory memory = new ArrayMemory(64);
        memory.write(0, bytes, 0, bytes.length);
        output.write(memory, 0, bytes.length);
    }
}
