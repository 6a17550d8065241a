package org.circleosd.pluginmanager.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads the frames of a file, one after the other. */
final class FrameReader {

    private static final int BUFFER_BYTES = 256 << 10;

    private final Disk.DiskFile file;
    private final long salt;
    private final long size;
    /** What was read ahead: from {@link #position} on. */
    private ByteBuffer buffer = ByteBuffer.allocate(0);

    private long position;

    /** Reads frames behind the header. */
    FrameReader(Disk.DiskFile file, long salt) throws IOException {
        this.file = file;
        this.salt = salt;
        size = file.size();
        position = FileHeader.BYTES;
    }

    /** Returns where the next frame would begin. */
    long position() {
        return position;
    }

    boolean isAtEnd() {
        return position >= size;
    }

    /** Returns the payload of the next frame; null if there is no valid one of this sequence number. */
    byte @Nullable [] next(long sequence) throws IOException {
        if (!fill(Frame.HEADER_BYTES)) {
            return null;
        }
        int length = buffer.getInt(buffer.position() + Integer.BYTES);
        if (length < 0
                || buffer.getLong(buffer.position() + 2 * Integer.BYTES) != sequence
                || buffer.getInt(buffer.position()) != Frame.marker(salt)
                || !fill(Frame.HEADER_BYTES + (long) length)
                || !Frame.isValid(salt, buffer, buffer.position())) {
            return null;
        }
        int from = buffer.position() + Frame.HEADER_BYTES;
        byte[] payload = Arrays.copyOfRange(buffer.array(), from, from + length);
        buffer.position(from + length);
        position += Frame.HEADER_BYTES + length;
        return payload;
    }

    /** Says what lies between here and the end of the file, where {@link #next} found no frame. */
    Rest rest() throws IOException {
        if (!fill(size - position)) {
            throw new IOException("the file became shorter while it was read");
        }
        boolean isZero = true;
        for (int at = buffer.position(); at < buffer.limit(); at++) {
            isZero &= buffer.get(at) == 0;
            // Of any sequence number: that of a frame says nothing once there was damage.
            if (Frame.isValid(salt, buffer, at)) {
                return Rest.FRAMES;
            }
        }
        return isZero ? Rest.NOTHING : Rest.NO_FRAME;
    }

    /** Makes sure that so many bytes are in the buffer, and says whether there are that many. */
    private boolean fill(long bytes) throws IOException {
        if (bytes > size - position || bytes > Integer.MAX_VALUE - 8) {
            return false;
        }
        if (buffer.remaining() >= bytes) {
            return true;
        }
        ByteBuffer larger = ByteBuffer.allocate(Math.max((int) Math.min(BUFFER_BYTES, size - position), (int) bytes));
        larger.put(buffer);
        while (larger.hasRemaining() && file.read(larger, position + larger.position()) > 0) {
            // A read may bring less than was asked for.
        }
        buffer = larger.flip();
        return buffer.remaining() >= bytes;
    }

    /** What can lie behind the last valid frame. */
    enum Rest {
        /** Zeroes at most: room that was reserved. */
        NOTHING,
        /** What a crash left of a write that nobody was told of. */
        NO_FRAME,
        /** Valid frames, so what lies before them was damaged. */
        FRAMES
    }
}
