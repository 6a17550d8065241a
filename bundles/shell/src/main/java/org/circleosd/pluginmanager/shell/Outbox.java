package org.circleosd.pluginmanager.shell;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/**
 * Frames on their way to the client. Commands write here and one thread of ours writes to the socket: a channel closes
 * when a thread that uses it is interrupted, and commands are interrupted by Ctrl-C.
 */
final class Outbox {

    /** A command that writes more than the client reads waits when this much is on its way, in bytes. */
    private static final int MAX_QUEUED = 256 << 10;

    private static final int BUFFER = 8 << 10;

    private final Connection connection;
    private final Queue<Frame> frames = new ArrayDeque<>();
    private int queued;
    private boolean ended;
    private boolean broken;

    Outbox(Connection connection) {
        this.connection = connection;
    }

    /** Makes a stream whose bytes become frames of this type when it is flushed. */
    OutputStream stream(char type) {
        return new BufferedOutputStream(new FrameStream(type), BUFFER);
    }

    /** Queues a frame; waits while too much is queued. */
    synchronized void put(Frame frame) throws IOException {
        while (queued >= MAX_QUEUED && !broken) {
            try {
                wait();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new InterruptedIOException("interrupted while the client did not read");
            }
        }
        if (broken || ended) {
            throw new IOException("the client is gone");
        }
        frames.add(frame);
        queued += frame.payload().length;
        notifyAll();
    }

    /** Takes no more; {@link #deliver} returns when all that is queued has been written. */
    synchronized void end() {
        ended = true;
        notifyAll();
    }

    /** Writes to the socket until {@link #end} or until the client is gone. */
    void deliver() {
        try {
            for (Frame frame = next(); frame != null; frame = next()) {
                connection.write(frame);
            }
        } catch (IOException e) {
            // The client is gone: that ends its session, and is nothing to complain about.
            breakOff();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            breakOff();
        }
    }

    /** Gives up: who writes gets an exception. */
    synchronized void breakOff() {
        broken = true;
        frames.clear();
        notifyAll();
    }

    private synchronized @Nullable Frame next() throws InterruptedException {
        while (frames.isEmpty() && !ended && !broken) {
            wait();
        }
        Frame frame = frames.poll();
        if (frame != null) {
            queued -= frame.payload().length;
            notifyAll();
        }
        return frame;
    }

    private final class FrameStream extends OutputStream {

        private final char type;

        FrameStream(char type) {
            this.type = type;
        }

        @Override
        public void write(int b) throws IOException {
            put(new Frame(type, new byte[] {(byte) b}));
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            for (int at = 0; at < length; at += BUFFER) {
                int from = offset + at;
                put(new Frame(type, Arrays.copyOfRange(bytes, from, from + Math.min(BUFFER, length - at))));
            }
        }
    }
}
