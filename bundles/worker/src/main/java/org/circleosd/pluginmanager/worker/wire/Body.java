package org.circleosd.pluginmanager.worker.wire;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;

/** The body of a frame, read from the front. What it says of its lengths is not believed. */
public final class Body {

    private final ByteBuffer bytes;

    /** Takes the bytes; they are not changed. */
    public Body(byte[] bytes) {
        this.bytes = ByteBuffer.wrap(bytes);
    }

    /** Reads a u32 or i32. */
    public int u32() throws BrokenFrameException {
        require(Integer.BYTES);
        return bytes.getInt();
    }

    /** Reads a u64. */
    public long u64() throws BrokenFrameException {
        require(Long.BYTES);
        return bytes.getLong();
    }

    /** Reads a length and as many bytes. */
    public byte[] bytes() throws BrokenFrameException {
        int length = u32();
        if (length < 0) {
            throw tooShort();
        }
        require(length);
        return take(length);
    }

    /** Reads a length and as many bytes of UTF-8; what is none becomes U+FFFD. */
    public String text() throws BrokenFrameException {
        return new String(bytes(), StandardCharsets.UTF_8);
    }

    /** Reads what is left. */
    public byte[] rest() {
        return take(bytes.remaining());
    }

    private byte[] take(int length) {
        byte[] taken = new byte[length];
        bytes.get(taken);
        return taken;
    }

    private void require(int length) throws BrokenFrameException {
        if (bytes.remaining() < length) {
            throw tooShort();
        }
    }

    private static BrokenFrameException tooShort() {
        return new BrokenFrameException("a frame whose body is too short for what it holds");
    }
}
