package org.circleosd.pluginmanager.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.net.ProtocolException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HelloTest {

    @Test
    void allLines_areRead() throws Exception {
        assertThat(hello("mode=terminal\ncolumns=100\nrows=30\nterm=xterm\ndir=/a=b\nlater=unknown\n"))
                .isEqualTo(new Hello(true, Path.of("/a=b"), 100, 30, "xterm"));
    }

    @Test
    void modeAlone_isEnough() throws Exception {
        assertThat(hello("mode=command")).isEqualTo(new Hello(false, Path.of("/"), 0, 0, "dumb"));
    }

    @Test
    void absurdSize_isBounded() throws Exception {
        Hello hello = hello("mode=terminal\ncolumns=2000000000\nrows=-5");

        assertThat(hello.columns()).isEqualTo(10_000);
        assertThat(hello.rows()).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "'', mode is ''",
        "mode=other, expected 'command' or 'terminal'",
        "'mode=command\ncolumns=wide', 'wide' is no size",
        "'mode=command\ndir=here', expected an absolute path"
    })
    void brokenLine_isNamed(String lines, String message) {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> hello(lines))
                .withMessageContaining(message);
    }

    @Test
    void folderThatIsNoPath_isNamed() {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> hello("mode=command\ndir=/a\0b"))
                .withMessageContaining("which is no path");
    }

    @Test
    void otherFrame_isRefused() {
        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(() -> Hello.of(Frame.text(Frame.COMMAND, "list")))
                .withMessageContaining("'C'");
    }

    private static Hello hello(String lines) throws ProtocolException {
        return Hello.of(Frame.text(Frame.HELLO, lines));
    }
}
