package org.circleosd.pluginmanager.launcher;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.ProtocolException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * The client's end of the frames between {@link ShellClient} and the daemon: a letter, a length of four bytes and as many
 * bytes. What they mean is said in the {@code shell} bundle's class {@code Frame}. One thread may receive while others
 * send. The channel is used directly: on JDK 17 its streams share a lock, a waiting read would block every write.
 */
final class ShellConnection implements Closeable {

    static final char HELLO = 'H';
    static final char COMMAND = 'C';
    static final char INPUT = 'I';
    static final char SIZE = 'W';
    static final char OUTPUT = 'O';
    static final char ERROR = 'E';
    static final char STATUS = 'S';
    static final char AGAIN = 'A';

    private static final int HEADER = 5;
    private static final int MAX_PAYLOAD = 1 << 20;

    /** What ends a command, and whether more commands may follow. */
    record Status(int status, boolean goesOn) {}

    private final SocketChannel channel;

    private ShellConnection(SocketChannel channel) {
        this.channel = channel;
    }

    static ShellConnection open(Path socket) throws IOException {
        return new ShellConnection(SocketChannel.open(UnixDomainSocketAddress.of(socket)));
    }

    /** Says who we are; the first frame. */
    void hello(String mode, RawTerminal.Size size, String term) throws IOException {
        String lines = "mode=" + mode + "\ndir=" + Path.of("").toAbsolutePath() + "\ncolumns=" + size.columns()
                + "\nrows=" + size.rows() + "\nterm=" + term + "\n";
        send(HELLO, lines.getBytes(StandardCharsets.UTF_8));
    }

    void resize(RawTerminal.Size size) throws IOException {
        send(
                SIZE,
                ByteBuffer.allocate(2 * Integer.BYTES)
                        .putInt(size.columns())
                        .putInt(size.rows())
                        .array());
    }

    synchronized void send(char type, byte[] payload) throws IOException {
        ByteBuffer frame = ByteBuffer.allocate(HEADER + payload.length)
                .put((byte) type)
                .putInt(payload.length)
                .put(payload)
                .flip();
        while (frame.hasRemaining()) {
            channel.write(frame);
        }
    }

    /**
     * Copies what the daemon sends to these streams, until it says how the command ended.
     *
     * @return empty if the shell is being replaced: one is to attach again, and to repeat a command that was sent
     */
    Optional<Status> copyUntilStatus(OutputStream out, OutputStream err) throws IOException {
        while (true) {
            ByteBuffer header = read(HEADER);
            char type = (char) (header.get() & 0xff);
            int length = header.getInt();
            if (length < 0 || length > MAX_PAYLOAD) {
                throw new ProtocolException("this is no shell of a plugin manager");
            }
            byte[] payload = read(length).array();
            switch (type) {
                case OUTPUT -> print(out, payload);
                case ERROR -> print(err, payload);
                case STATUS -> {
                    if (length != 2) {
                        throw new ProtocolException("this is no shell of a plugin manager");
                    }
                    return Optional.of(new Status(payload[0], payload[1] == 1));
                }
                case AGAIN -> {
                    return Optional.empty();
                }
                default -> throw new ProtocolException("this is no shell of a plugin manager");
            }
        }
    }

    @Override
    public void close() throws IOException {
        channel.close();
    }

    private static void print(OutputStream to, byte[] bytes) throws IOException {
        to.write(bytes);
        to.flush();
    }

    private ByteBuffer read(int length) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(length);
        while (bytes.hasRemaining()) {
            if (channel.read(bytes) < 0) {
                throw new EOFException("the daemon has closed the connection");
            }
        }
        return bytes.flip();
    }
}
