package org.circleosd.pluginmanager.worker.abi;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;

/** Native memory for the arguments of one call after the other, kept for the next one. For one thread. */
public final class CallMemory implements AutoCloseable {

    private static final int FIRST_BYTES = 4 << 10;
    private static final int MOST_KEPT_BYTES = 2 << 20;

    private final NativeCall invoke = new NativeCall(NativeCall.Shape.INT_OF_5);
    private final NativeCall free = new NativeCall(NativeCall.Shape.VOID_OF_2);
    private final NativeCall stdio = new NativeCall(NativeCall.Shape.INT_OF_1);
    /** Where a call leaves its result: a pointer and a length. */
    private final Memory out = new Memory(2L * Long.BYTES);

    private Memory buffer = new Memory(FIRST_BYTES);

    /** Makes memory for small calls; larger ones get more. */
    public CallMemory() {
        long address = Pointer.nativeValue(out);
        invoke.set(3, address).set(4, address + Long.BYTES);
    }

    /**
     * Calls {@code plugin_invoke}.
     *
     * @param name in UTF-8, without its zero byte
     * @return its code
     * @throws OutOfMemoryError if there is no room for the arguments; nothing was called
     */
    int invoke(long function, byte[] name, byte[] payload) {
        long payloadAt = name.length + 1L;
        grow(payloadAt + payload.length);
        buffer.write(0, name, 0, name.length);
        buffer.setByte(name.length, (byte) 0);
        if (payload.length > 0) {
            buffer.write(payloadAt, payload, 0, payload.length);
        }
        out.setLong(0, 0);
        out.setLong(Long.BYTES, 0);
        long address = Pointer.nativeValue(buffer);
        // The payload's address is one past the end of a full buffer only if the payload is empty, then nobody reads
        // it.
        return invoke.set(0, address)
                .set(1, address + payloadAt)
                .set(2, payload.length)
                .call(function);
    }

    /** Returns where the last call left its result; 0 if nowhere. */
    long result() {
        return out.getLong(0);
    }

    /** Returns the length that it gave. */
    long resultLength() {
        return out.getLong(Long.BYTES);
    }

    /** Calls {@code plugin_free} for the last call's result. */
    void free(long function) {
        free.set(0, result()).set(1, resultLength()).call(function);
    }

    /**
     * Writes out what C code left in the buffer of stdout; faster than {@link Posix#flushStdout} if there is nothing, and
     * it does not wait for a thread that holds the buffer's lock.
     */
    public void flush(Posix.Stdout stdout) {
        stdio.set(0, stdout.file());
        boolean pending = stdout.pending() == 0 || stdio.call(stdout.pending()) != 0;
        if (pending && stdio.call(stdout.tryLock()) == 0) {
            stdio.call(stdout.flush());
            stdio.call(stdout.unlock());
        }
    }

    /** Lets go of a buffer that is too large to be kept. */
    void trim() {
        if (buffer.size() > MOST_KEPT_BYTES) {
            buffer.close();
            buffer = new Memory(FIRST_BYTES);
        }
    }

    private void grow(long bytes) {
        if (buffer.size() < bytes) {
            Memory larger = new Memory(Math.max(bytes, Math.min(MOST_KEPT_BYTES, 2 * buffer.size())));
            buffer.close();
            buffer = larger;
        }
    }

    @Override
    public void close() {
        invoke.close();
        free.close();
        stdio.close();
        out.close();
        buffer.close();
    }
}
