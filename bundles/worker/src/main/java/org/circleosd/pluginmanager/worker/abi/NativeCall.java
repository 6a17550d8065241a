package org.circleosd.pluginmanager.worker.abi;

import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.Pointer;

/**
 * A call whose arguments are words: pointers, {@code size_t} or {@code int64_t}. It goes to libffi directly: twenty times
 * faster than a {@link com.sun.jna.Function}, which looks at the class of each argument, and unlike a class with native
 * methods nothing of it stays behind. For one thread.
 */
final class NativeCall implements AutoCloseable {

    private static final int DEFAULT_ABI = 0;
    private static final long WORD = Long.BYTES;

    private static final int TYPE_BYTES = 24;
    private static final int TYPE_VOID = 0;
    private static final int TYPE_INT32 = 10;
    private static final int TYPE_INT64 = 12;

    /** The shapes of calls, as libffi wants them; never freed, a few bytes for each. */
    enum Shape {
        /** {@code int32_t (word, word, word, word, word)}. */
        INT_OF_5(Integer.BYTES, TYPE_INT32, 5),
        /** {@code int (word)}. */
        INT_OF_1(Integer.BYTES, TYPE_INT32, 1),
        /** {@code void (word, word)}. */
        VOID_OF_2(1, TYPE_VOID, 2);

        private final int arguments;
        private final long description;

        Shape(int resultBytes, int resultType, int arguments) {
            this.arguments = arguments;
            Pointer types = new Pointer(Native.malloc(arguments * WORD));
            long word = type(Long.BYTES, TYPE_INT64);
            for (int i = 0; i < arguments; i++) {
                types.setLong(i * WORD, word);
            }
            description = Native.ffi_prep_cif(
                    DEFAULT_ABI, arguments, type(resultBytes, resultType), Pointer.nativeValue(types));
        }
    }

    private final Shape shape;
    /** The result, the arguments, and the address of each argument. */
    private final Memory memory;

    private final long resultAt;
    private final long addressesAt;

    NativeCall(Shape shape) {
        this.shape = shape;
        memory = new Memory(WORD + 2 * WORD * shape.arguments);
        resultAt = Pointer.nativeValue(memory);
        addressesAt = resultAt + WORD + WORD * shape.arguments;
        for (int i = 0; i < shape.arguments; i++) {
            memory.setLong(WORD + WORD * shape.arguments + WORD * i, resultAt + WORD + WORD * i);
        }
    }

    /** Sets an argument; it stays for the next call. */
    NativeCall set(int argument, long value) {
        memory.setLong(WORD + WORD * argument, value);
        return this;
    }

    /** Calls a function and returns what it does, if that is a number of 32 bits. */
    int call(long function) {
        Native.ffi_call(shape.description, function, resultAt, addressesAt);
        // A result that is smaller than a word is widened to one.
        return (int) memory.getLong(0);
    }

    @Override
    public void close() {
        memory.close();
    }

    /** Makes a {@code struct ffi_type} of {@code ffi.h}: size, alignment, number, no elements. */
    private static long type(int size, int number) {
        Pointer type = new Pointer(Native.malloc(TYPE_BYTES));
        type.setLong(0, size);
        type.setShort(8, (short) size);
        type.setShort(10, (short) number);
        type.setInt(12, 0);
        type.setLong(16, 0);
        return Pointer.nativeValue(type);
    }
}
