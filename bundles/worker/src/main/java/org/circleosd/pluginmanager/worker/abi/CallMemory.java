package org.circleosd.pluginmanager.worker.abi;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;

/** Native memory for the arguments of one call after the other, kept for the next one. For one thread. */
public final class CallMemory implements AutoCloseable {

    private static final int FIRST_BYTES = 4 << 10;
    private static final int MOST_KEPT_BYTES = 2 << 20;

    /** Where a call leaves its result: a pointer and a length. */
    private final Memory out = new Memory(2L * Long.BYTES);

    private final Pointer lengthAt = out.share(Long.BYTES);
    private Memory buffer = new Memory(FIRST_BYTES);

    /**
     * Returns room for so many bytes.
     *
     * @throws OutOfMemoryError if there is none
     */
    Memory buffer(long bytes) {
        if (buffer.size() < bytes) {
            Memory larger = new Memory(Math.max(bytes, Math.min(MOST_KEPT_BYTES, 2 * buffer.size())));
            buffer.close();
            buffer = larger;
        }
        return buffer;
    }

    /** Lets go of a buffer that is too large to be kept. */
    void trim() {
        if (buffer.size() > MOST_KEPT_BYTES) {
            buffer.close();
            buffer = new Memory(FIRST_BYTES);
        }
    }

    Memory out() {
        return out;
    }

    Pointer lengthAt() {
        return lengthAt;
    }

    @Override
    public void close() {
        out.close();
        buffer.close();
    }
}
