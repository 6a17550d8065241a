package org.circleosd.pluginmanager.worker.wire;

import java.io.DataInputStream;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;

/**
 * One frame as it was read.
 *
 * @param id of the request that it is or answers
 * @param kind what it says
 * @param body its body, from the first byte on
 */
public record Frame(int id, FrameKind kind, Body body) {

    /** Length of a frame's head. */
    public static final int HEAD_BYTES = 12;

    /** Most bytes of a plugin's log in one frame; the worker cuts what is longer. */
    public static final int MAX_LOG_BYTES = 64 << 10;

    /** Longest body of a request that a worker takes, in bytes. */
    public static final int MAX_REQUEST_BYTES = 1 << 30;

    /** Most threads that calls of one plugin can have. */
    public static final int MAX_THREADS = 1024;

    private static final int FIRST_BYTES = 2 << 20;

    /**
     * Reads the next frame; blocks.
     *
     * @param mostBytes longest body that is taken, in bytes
     * @throws EOFException if the other side ended, between frames or inside one
     * @throws BrokenFrameException if what came is no frame, or one that is too long
     */
    public static Frame read(InputStream in, int mostBytes) throws IOException {
        DataInputStream data = new DataInputStream(in);
        int length = data.readInt();
        int id = data.readInt();
        int number = data.readInt();
        FrameKind kind = FrameKind.of(number);
        if (kind == null) {
            throw new BrokenFrameException("a frame of the unknown kind " + Integer.toUnsignedString(number));
        }
        if (length < 0 || length > mostBytes) {
            throw new BrokenFrameException(
                    "a frame of " + Integer.toUnsignedString(length) + " bytes; the most is " + mostBytes);
        }
        return new Frame(id, kind, new Body(readBody(in, length)));
    }

    /**
     * Reads into an array that grows once it is full, so that a length alone takes little memory. Not with
     * {@code readNBytes(length)}, which gathers pieces of 8 KiB, at twice the CPU for a MiB.
     */
    private static byte[] readBody(InputStream in, int length) throws IOException {
        byte[] body = new byte[Math.min(length, FIRST_BYTES)];
        int there = in.readNBytes(body, 0, body.length);
        while (there == body.length && there < length) {
            body = Arrays.copyOf(body, (int) Math.min(length, 2L * there));
            there += in.readNBytes(body, there, body.length - there);
        }
        if (there < length) {
            throw new EOFException("the other side ended inside a frame");
        }
        return body;
    }
}
