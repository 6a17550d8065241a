package org.circleosd.pluginmanager.worker.wire;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** A frame that is being put together; {@link #toBytes} gives head and body in one piece, to be written at once. */
public final class FrameBytes {

    private byte[] bytes;
    private int length = Frame.HEAD_BYTES;

    /** Begins a frame. */
    public FrameBytes(int id, FrameKind kind) {
        this(id, kind, 64);
    }

    /**
     * Begins a frame.
     *
     * @param bodyBytes about how long the body will be
     */
    public FrameBytes(int id, FrameKind kind, int bodyBytes) {
        bytes = new byte[Frame.HEAD_BYTES + bodyBytes];
        putInt(4, id);
        putInt(8, kind.number());
    }

    /** Adds a u32 or i32. */
    public FrameBytes u32(int value) {
        grow(Integer.BYTES);
        putInt(length, value);
        length += Integer.BYTES;
        return this;
    }

    /** Adds a u64. */
    public FrameBytes u64(long value) {
        return u32((int) (value >>> 32)).u32((int) value);
    }

    /** Adds a length and the bytes. */
    public FrameBytes bytes(byte[] value) {
        return u32(value.length).rest(value);
    }

    /** Adds a length and the text's UTF-8 bytes. */
    public FrameBytes text(String value) {
        return bytes(value.getBytes(StandardCharsets.UTF_8));
    }

    /** Adds the bytes alone; nothing may follow. */
    public FrameBytes rest(byte[] value) {
        grow(value.length);
        System.arraycopy(value, 0, bytes, length, value.length);
        length += value.length;
        return this;
    }

    /** Returns the whole frame. */
    public byte[] toBytes() {
        putInt(0, length - Frame.HEAD_BYTES);
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    private void grow(int more) {
        int needed = Math.addExact(length, more);
        if (needed > bytes.length) {
            bytes = Arrays.copyOf(bytes, (int) Math.min(Integer.MAX_VALUE - 8L, Math.max(needed, bytes.length * 2L)));
        }
    }

    private void putInt(int at, int value) {
        bytes[at] = (byte) (value >>> 24);
        bytes[at + 1] = (byte) (value >>> 16);
        bytes[at + 2] = (byte) (value >>> 8);
        bytes[at + 3] = (byte) value;
    }
}
