package org.circleosd.pluginmanager.shell;

import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.net.ProtocolException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import org.jspecify.annotations.Nullable;

/**
 * Frames over a socket: one thread reads, another writes. The channel is used directly, because the streams that
 * {@code Channels} makes of it share a lock: on JDK 17 a waiting read would block every write.
 */
final class Connection implements Closeable {

    private final SocketChannel channel;
    private final ByteBuffer header = ByteBuffer.allocate(Frame.HEADER);

    Connection(SocketChannel channel) {
        this.channel = channel;
    }

    /**
     * Reads the next frame.
     *
     * @return null when the other side has ended
     * @throws ProtocolException if what comes is no frame
     */
    @Nullable
    Frame read() throws IOException {
        if (!fill(header.clear())) {
            return null;
        }
        char type = (char) (header.flip().get() & 0xff);
        int length = header.getInt();
        if (length < 0 || length > Frame.MAX_PAYLOAD) {
            throw new ProtocolException(
                    "a frame of " + (length & 0xffffffffL) + " bytes; at most " + Frame.MAX_PAYLOAD + " are allowed");
        }
        ByteBuffer payload = ByteBuffer.allocate(length);
        if (!fill(payload)) {
            throw new EOFException("the connection ended within a frame");
        }
        return new Frame(type, payload.array());
    }

    void write(Frame frame) throws IOException {
        ByteBuffer bytes = frame.encoded();
        while (bytes.hasRemaining()) {
            channel.write(bytes);
        }
    }

    /** Ends both directions; a thread that reads or writes gets an exception. */
    @Override
    public void close() throws IOException {
        channel.close();
    }

    /** Returns false if there was nothing more at all. */
    private boolean fill(ByteBuffer buffer) throws IOException {
        while (buffer.hasRemaining()) {
            if (channel.read(buffer) < 0) {
                if (buffer.position() == 0) {
                    return false;
                }
                throw new EOFException("the connection ended within a frame");
            }
        }
        return true;
    }
}
