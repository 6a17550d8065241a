package org.circleosd.pluginmanager.worker.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;

/** A filter as the kernel takes it: {@code struct sock_fprog} and the {@code struct sock_filter}s that it points to. */
final class FilterMemory implements AutoCloseable {

    /** Size of a {@code struct sock_filter}. */
    static final int INSTRUCTION_BYTES = 8;

    private static final int HEAD_BYTES = 16;
    private static final int POINTER_OFFSET = 8;

    private final Memory memory;

    /** @param instructions a whole number of them */
    FilterMemory(byte[] instructions) {
        memory = new Memory(HEAD_BYTES + (long) instructions.length);
        memory.setLong(0, 0);
        memory.setShort(0, (short) (instructions.length / INSTRUCTION_BYTES));
        memory.setPointer(POINTER_OFFSET, memory.share(HEAD_BYTES));
        memory.write(HEAD_BYTES, instructions, 0, instructions.length);
    }

    long address() {
        return Pointer.nativeValue(memory);
    }

    @Override
    public void close() {
        memory.close();
    }
}
