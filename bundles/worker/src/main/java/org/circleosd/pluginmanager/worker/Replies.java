package org.circleosd.pluginmanager.worker;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.circleosd.pluginmanager.worker.abi.CallResult;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;

/** What this process says to the daemon. Thread-safe. */
final class Replies {

    private static final int STATUS_BYTES = 2 * Integer.BYTES;
    /** What a pipe holds. Java copies each piece, and takes memory from the system for a larger one each time. */
    private static final int PIECE_BYTES = 64 << 10;

    private static final byte[] EMPTY = {};

    private final OutputStream out;

    Replies(OutputStream out) {
        this.out = out;
    }

    /** Sends a frame. */
    void send(FrameBytes frame) {
        write(frame.toBytes(), EMPTY);
    }

    /** Answers a call. */
    void result(int id, CallResult result) {
        byte[] bytes = result.bytes();
        ByteBuffer head = ByteBuffer.allocate(Frame.HEAD_BYTES + STATUS_BYTES)
                .putInt(STATUS_BYTES + bytes.length)
                .putInt(id)
                .putInt(FrameKind.RESULT.number())
                .putInt(result.status().number())
                .putInt(result.code());
        if (bytes.length > PIECE_BYTES) {
            write(head.array(), bytes);
        } else {
            byte[] whole = Arrays.copyOf(head.array(), head.capacity() + bytes.length);
            System.arraycopy(bytes, 0, whole, head.capacity(), bytes.length);
            write(whole, EMPTY);
        }
    }

    /** Without a daemon there is nothing left to do: the process ends. */
    private void write(byte[] first, byte[] second) {
        try {
            synchronized (this) {
                writePieces(first);
                writePieces(second);
            }
        } catch (IOException e) {
            WorkerProgram.endWithDaemon();
        }
    }

    private void writePieces(byte[] bytes) throws IOException {
        for (int at = 0; at < bytes.length; at += PIECE_BYTES) {
            out.write(bytes, at, Math.min(PIECE_BYTES, bytes.length - at));
        }
    }
}
