package org.circleosd.pluginmanager.engine.chicory;

import com.dylibso.chicory.runtime.ConstantEvaluators;
import com.dylibso.chicory.runtime.Instance;
import com.dylibso.chicory.runtime.Memory;
import com.dylibso.chicory.runtime.WasmRuntimeException;
import com.dylibso.chicory.wasm.types.ActiveDataSegment;
import com.dylibso.chicory.wasm.types.DataSegment;
import com.dylibso.chicory.wasm.types.MemoryLimits;
import com.dylibso.chicory.wasm.types.PassiveDataSegment;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Collections;
import java.util.Set;
import java.util.WeakHashMap;
import org.jspecify.annotations.Nullable;

/**
 * A linear memory in one array. Chicory's own memories look up a 64 KiB page for each access, which makes real plugins
 * about twice as slow. For one thread at a time: a shared memory is refused before it gets here.
 *
 * <p>The array is as long as the memory, so that its own check of an access is the only one: a second one costs real
 * code a third of its speed. But a guest which grows page by page, again and again, would copy everything each time. Its
 * array becomes longer than the memory ({@link #exact} is null then), and every access is checked against {@link #size}
 * too. The bytes past it are zero.
 */
final class FlatMemory implements Memory {

    private static final VarHandle SHORT = view(short[].class);
    private static final VarHandle INT = view(int[].class);
    private static final VarHandle LONG = view(long[].class);
    private static final VarHandle FLOAT = view(float[].class);
    private static final VarHandle DOUBLE = view(double[].class);

    /** What growing may copy to keep the array as long as the memory, in bytes: about three milliseconds. */
    private static final long EXACT_COPIES = 16 << 20;

    private final MemoryBudget.Account account;
    /** The memory whose bytes these are; null if it is this one. */
    private final @Nullable FlatMemory origin;
    /** Those to whom this memory is lent, kept up to date. Weak: an instance may vanish without being closed. */
    private Set<FlatMemory> views = Set.of();

    private final int initialPages;
    private final int maximumPages;
    private byte[] bytes;
    /** The same array if it is as long as the memory, else null. */
    private byte @Nullable [] exact;

    private int size;
    /** Bytes that growing has copied since the memory was made or restored. */
    private long copied;

    /** The instance's own array: {@code data.drop} replaces its elements. */
    private DataSegment[] segments = {};

    private final LinearMemory guest = new LinearMemory(this);

    FlatMemory(MemoryLimits limits, MemoryBudget budget) {
        account = budget.open(this);
        origin = null;
        initialPages = limits.initialPages();
        maximumPages = Math.min(limits.maximumPages(), RUNTIME_MAX_PAGES);
        size = Math.multiplyExact(initialPages, PAGE_SIZE);
        account.reserve(size);
        bytes = new byte[size];
        exact = bytes;
    }

    private FlatMemory(FlatMemory origin) {
        this.origin = origin;
        account = origin.account;
        initialPages = origin.initialPages;
        maximumPages = origin.maximumPages;
        bytes = origin.bytes;
        exact = origin.exact;
        size = origin.size;
    }

    /**
     * Returns this memory as another instance sees it: the same bytes, that instance's data segments. Chicory asks the
     * memory for the segments of the code that runs, so instances cannot share the object.
     */
    FlatMemory lend() {
        FlatMemory owner = origin();
        FlatMemory view = new FlatMemory(owner);
        if (owner.views.isEmpty()) {
            owner.views = Collections.newSetFromMap(new WeakHashMap<>());
        }
        owner.views.add(view);
        return view;
    }

    private FlatMemory origin() {
        return origin == null ? this : origin;
    }

    /** Returns what the host sees of it. */
    LinearMemory guest() {
        return guest;
    }

    /** Gives the memory back; it must not be used any more. */
    void release() {
        if (origin == null) {
            account.close();
        } else {
            origin.views.remove(this);
        }
        set(new byte[0], 0);
    }

    private void set(byte[] newBytes, int newSize) {
        bytes = newBytes;
        exact = newBytes.length == newSize ? newBytes : null;
        size = newSize;
        for (FlatMemory view : views) {
            view.bytes = bytes;
            view.exact = exact;
            view.size = size;
        }
    }

    private static VarHandle view(Class<?> arrayType) {
        return MethodHandles.byteArrayViewVarHandle(arrayType, ByteOrder.LITTLE_ENDIAN);
    }

    /** Remembers the memory, for {@link Image#restore}; the copy counts too. Of a lent memory, only the segments. */
    Image capture() {
        if (origin != null) {
            return new Image(null);
        }
        account.reserve(size);
        return new Image(Arrays.copyOf(bytes, size));
    }

    /** The memory as it was at one moment. */
    final class Image {

        private final byte @Nullable [] capturedBytes;
        private final DataSegment[] capturedSegments = segments.clone();

        private Image(byte @Nullable [] capturedBytes) {
            this.capturedBytes = capturedBytes;
        }

        void restore() {
            if (capturedBytes != null) {
                restoreBytes(capturedBytes);
            }
            System.arraycopy(capturedSegments, 0, segments, 0, segments.length);
        }
    }

    /** A memory never shrinks on its own, so what it was always fits. */
    private void restoreBytes(byte[] captured) {
        copied = 0;
        if (bytes.length > captured.length) {
            account.release((long) bytes.length - captured.length);
            set(captured.clone(), captured.length);
        } else {
            System.arraycopy(captured, 0, bytes, 0, captured.length);
        }
    }

    int size() {
        return size;
    }

    @Override
    public int pages() {
        return size / PAGE_SIZE;
    }

    @Override
    public int initialPages() {
        return initialPages;
    }

    @Override
    public int maximumPages() {
        return maximumPages;
    }

    @Override
    public boolean shared() {
        return false;
    }

    @Override
    public int grow(int pages) {
        if (origin != null) {
            return origin.grow(pages);
        }
        int before = pages();
        if (pages < 0 || pages > maximumPages - before) {
            return -1;
        }
        int needed = (before + pages) * PAGE_SIZE;
        if (needed > bytes.length && !enlarge(needed)) {
            return -1;
        }
        set(bytes, needed);
        return before;
    }

    private boolean enlarge(int needed) {
        boolean large = needed - size >= size / 4;
        if (large || copied + size <= EXACT_COPIES) {
            return enlargeTo(needed);
        }
        long roomyPages = Math.max(needed / PAGE_SIZE, pages() * 3L / 2);
        int roomy = (int) Math.min(roomyPages, maximumPages) * PAGE_SIZE;
        return enlargeTo(roomy) || (roomy > needed && enlargeTo(needed));
    }

    /** Says false if there is no room: the guest is told that it cannot grow, as the specification foresees. */
    private boolean enlargeTo(int length) {
        long more = (long) length - bytes.length;
        if (!account.tryReserve(more)) {
            return false;
        }
        try {
            set(Arrays.copyOf(bytes, length), size);
            copied += size;
            return true;
        } catch (OutOfMemoryError e) {
            account.release(more);
            return false;
        }
    }

    @Override
    public void initialize(Instance instance, DataSegment[] dataSegments) {
        initialize(instance, dataSegments, 0);
    }

    @Override
    public void initialize(Instance instance, DataSegment[] dataSegments, int memoryIndex) {
        segments = dataSegments;
        for (DataSegment segment : dataSegments) {
            if (segment instanceof ActiveDataSegment active && active.index() == memoryIndex) {
                int address = (int) ConstantEvaluators.computeConstantValue(instance, active.offsetInstructions())[0];
                write(address, active.data(), 0, active.data().length);
            }
        }
    }

    @Override
    public void initPassiveSegment(int segment, int destination, int offset, int length) {
        write(destination, segments[segment].data(), offset, length);
    }

    @Override
    public void drop(int segment) {
        segments[segment] = PassiveDataSegment.EMPTY;
    }

    @Override
    public void write(int address, byte[] source, int offset, int length) {
        check(address, length);
        if ((offset & 0xffffffffL) + (length & 0xffffffffL) > source.length) {
            throw new WasmRuntimeException("out of bounds memory access: " + Integer.toUnsignedString(length)
                    + " bytes at " + Integer.toUnsignedString(offset) + " of a data segment of " + source.length
                    + " bytes");
        }
        System.arraycopy(source, offset, bytes, address, length);
    }

    @Override
    public byte[] readBytes(int address, int length) {
        check(address, length);
        return Arrays.copyOfRange(bytes, address, address + length);
    }

    @Override
    public void copy(int destination, int source, int length) {
        check(source, length);
        check(destination, length);
        System.arraycopy(bytes, source, bytes, destination, length);
    }

    @Override
    public void fill(byte value, int from, int to) {
        if (from < 0 || to < from || to > size) {
            throw outOfBounds(from, to - from);
        }
        Arrays.fill(bytes, from, to, value);
    }

    /** Does nothing: called once, on a memory that was just made. */
    @Override
    public void zero() {}

    @Override
    public byte read(int address) {
        byte[] array = exact;
        if (array != null) {
            try {
                return array[address];
            } catch (IndexOutOfBoundsException e) {
                throw outOfBounds(address, 1);
            }
        }
        check(address, 1);
        return bytes[address];
    }

    @Override
    public void writeByte(int address, byte value) {
        byte[] array = exact;
        if (array != null) {
            try {
                array[address] = value;
                return;
            } catch (IndexOutOfBoundsException e) {
                throw outOfBounds(address, 1);
            }
        }
        check(address, 1);
        bytes[address] = value;
    }

    @Override
    public short readShort(int address) {
        byte[] array = exact;
        if (array != null) {
            try {
                return (short) SHORT.get(array, address);
            } catch (IndexOutOfBoundsException e) {
                throw outOfBounds(address, 2);
            }
        }
        check(address, 2);
        return (short) SHORT.get(bytes, address);
    }

    @Override
    public long readU16(int address) {
        return readShort(address) & 0xffffL;
    }

    @Override
    public void writeShort(int address, short value) {
        byte[] array = exact;
        if (array != null) {
            try {
                SHORT.set(array, address, value);
                return;
            } catch (IndexOutOfBoundsException e) {
                throw outOfBounds(address, 2);
            }
        }
        check(address, 2);
        SHORT.set(bytes, address, value);
    }

    @Override
    public int readInt(int address) {
        byte[] array = exact;
        if (array != null) {
            try {
                return (int) INT.get(array, address);
            } catch (IndexOutOfBoundsException e) {
                throw outOfBounds(address, 4);
            }
        }
        check(address, 4);
        return (int) INT.get(bytes, address);
    }

    @Override
    public void writeI32(int address, int value) {
        byte[] array = exact;
        if (array != null) {
            try {
                INT.set(array, address, value);
                return;
            } catch (IndexOutOfBoundsException e) {
                throw outOfBounds(address, 4);
            }
        }
        check(address, 4);
        INT.set(bytes, address, value);
    }

    @Override
    public long readLong(int address) {
        byte[] array = exact;
        if (array != null) {
            try {
                return (long) LONG.get(array, address);
            } catch (IndexOutOfBoundsException e) {
                throw outOfBounds(address, 8);
            }
        }
        check(address, 8);
        return (long) LONG.get(bytes, address);
    }

    @Override
    public void writeLong(int address, long value) {
        byte[] array = exact;
        if (array != null) {
            try {
                LONG.set(array, address, value);
                return;
            } catch (IndexOutOfBoundsException e) {
                throw outOfBounds(address, 8);
            }
        }
        check(address, 8);
        LONG.set(bytes, address, value);
    }

    @Override
    public long readF32(int address) {
        return readInt(address);
    }

    @Override
    public float readFloat(int address) {
        byte[] array = exact;
        if (array != null) {
            try {
                return (float) FLOAT.get(array, address);
            } catch (IndexOutOfBoundsException e) {
                throw outOfBounds(address, 4);
            }
        }
        check(address, 4);
        return (float) FLOAT.get(bytes, address);
    }

    @Override
    public void writeF32(int address, float value) {
        byte[] array = exact;
        if (array != null) {
            try {
                FLOAT.set(array, address, value);
                return;
            } catch (IndexOutOfBoundsException e) {
                throw outOfBounds(address, 4);
            }
        }
        check(address, 4);
        FLOAT.set(bytes, address, value);
    }

    @Override
    public long readF64(int address) {
        return readLong(address);
    }

    @Override
    public double readDouble(int address) {
        byte[] array = exact;
        if (array != null) {
            try {
                return (double) DOUBLE.get(array, address);
            } catch (IndexOutOfBoundsException e) {
                throw outOfBounds(address, 8);
            }
        }
        check(address, 8);
        return (double) DOUBLE.get(bytes, address);
    }

    @Override
    public void writeF64(int address, double value) {
        byte[] array = exact;
        if (array != null) {
            try {
                DOUBLE.set(array, address, value);
                return;
            } catch (IndexOutOfBoundsException e) {
                throw outOfBounds(address, 8);
            }
        }
        check(address, 8);
        DOUBLE.set(bytes, address, value);
    }

    /** Both numbers are unsigned; their sum cannot overflow a long. */
    private void check(int address, int length) {
        if ((address & 0xffffffffL) + (length & 0xffffffffL) > size) {
            throw outOfBounds(address, length);
        }
    }

    private WasmRuntimeException outOfBounds(int address, int length) {
        return new WasmRuntimeException(describeOutOfBounds(address, length));
    }

    String describeOutOfBounds(int address, int length) {
        return "out of bounds memory access: " + Integer.toUnsignedString(length) + " bytes at "
                + Integer.toUnsignedString(address) + ", the memory has " + size + " bytes";
    }

    @Override
    @SuppressWarnings("removal")
    public Object lock(int address) {
        throw atomic();
    }

    @Override
    @SuppressWarnings("removal")
    public int waitOn(int address, int expected, long timeout) {
        throw atomic();
    }

    @Override
    @SuppressWarnings("removal")
    public int waitOn(int address, long expected, long timeout) {
        throw atomic();
    }

    @Override
    @SuppressWarnings("removal")
    public int notify(int address, int maxThreads) {
        throw atomic();
    }

    private static IllegalStateException atomic() {
        return new IllegalStateException("atomic instruction: modules with threads are refused before they run");
    }
}
