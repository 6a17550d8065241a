package org.circleosd.pluginmanager.shell;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import java.io.EOFException;
import java.net.ProtocolException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class ConnectionTest {

    @TempDir
    Path folder;

    private SocketChannel theirs;
    private Connection ours;

    @BeforeEach
    void connect() throws Exception {
        UnixDomainSocketAddress address = UnixDomainSocketAddress.of(folder.resolve("s.sock"));
        try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
            server.bind(address);
            theirs = SocketChannel.open(address);
            ours = new Connection(server.accept());
        }
    }

    @AfterEach
    void close() throws Exception {
        theirs.close();
        ours.close();
    }

    @Test
    void frame_goesThroughAsItIs() throws Exception {
        new Connection(theirs).write(Frame.text(Frame.COMMAND, "größe"));
        new Connection(theirs).write(Frame.again());

        Frame first = ours.read();
        Frame second = ours.read();
        assertThat(first.type()).isEqualTo('C');
        assertThat(first.text()).isEqualTo("größe");
        assertThat(second.type()).isEqualTo('A');
        assertThat(second.payload()).isEmpty();
    }

    @Test
    void bytes_areAsDocumented() {
        assertThat(Frame.status(false, true).encoded().array()).containsExactly('S', 0, 0, 0, 2, 1, 1);
    }

    @Test
    void end_isNoFrame() throws Exception {
        theirs.close();

        assertThat(ours.read()).isNull();
    }

    @Test
    void endWithinAFrame_isAFailure() throws Exception {
        theirs.write(ByteBuffer.wrap(new byte[] {'C', 0, 0, 0, 5, 'a'}));
        theirs.close();

        assertThatExceptionOfType(EOFException.class).isThrownBy(ours::read);
    }

    @Test
    void frameThatIsTooLong_isRefusedBeforeItIsRead() throws Exception {
        theirs.write(ByteBuffer.wrap(new byte[] {'C', 0, 16, 0, 1}));

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(ours::read)
                .withMessageContaining("1048577");
    }

    @Test
    void negativeLength_isTakenForALargeOne() throws Exception {
        theirs.write(ByteBuffer.wrap(new byte[] {'C', -1, -1, -1, -1}));

        assertThatExceptionOfType(ProtocolException.class)
                .isThrownBy(ours::read)
                .withMessageContaining("4294967295");
    }
}
