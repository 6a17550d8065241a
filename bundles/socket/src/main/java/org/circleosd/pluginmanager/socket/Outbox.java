package org.circleosd.pluginmanager.socket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Queue;

/** The replies of one connection that are not yet written. Not thread-safe: its connection guards it. */
final class Outbox {

    /** Largest write: junixsocket copies each into a direct buffer that the thread then keeps. */
    private static final int CHUNK = 64 << 10;

    private final Queue<byte[]> lines = new ArrayDeque<>();
    private final BufferBudget budget;
    /** How much of the first line is written. */
    private int written;

    private long bytes;

    Outbox(BufferBudget budget) {
        this.budget = budget;
    }

    void add(byte[] line) {
        lines.add(line);
        bytes += line.length;
        budget.reserve(line.length);
    }

    boolean isEmpty() {
        return bytes == 0;
    }

    /** Returns the number of bytes that are not yet written. */
    long bytes() {
        return bytes;
    }

    /** Writes what the channel takes now, several lines at once. */
    void writeTo(SocketChannel channel) throws IOException {
        while (bytes > 0) {
            ByteBuffer chunk = chunk();
            int wanted = chunk.remaining();
            // An interrupt of this thread, meant for other work, would make the write close the channel.
            boolean interrupted = Thread.interrupted();
            int count;
            try {
                count = channel.write(chunk);
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
            took(count);
            if (count < wanted) {
                return;
            }
        }
    }

    /** Forgets everything. */
    void clear() {
        lines.clear();
        budget.release(bytes);
        bytes = 0;
        written = 0;
    }

    private ByteBuffer chunk() {
        byte[] first = lines.element();
        int rest = first.length - written;
        if (rest >= CHUNK || rest == bytes) {
            return ByteBuffer.wrap(first, written, Math.min(rest, CHUNK));
        }
        ByteBuffer several = ByteBuffer.allocate((int) Math.min(bytes, CHUNK));
        int from = written;
        for (byte[] line : lines) {
            int count = Math.min(line.length - from, several.remaining());
            several.put(line, from, count);
            if (!several.hasRemaining()) {
                break;
            }
            from = 0;
        }
        return several.flip();
    }

    private void took(int count) {
        bytes -= count;
        budget.release(count);
        int left = count + written;
        while (!lines.isEmpty() && left >= lines.element().length) {
            left -= lines.remove().length;
        }
        written = left;
    }
}
