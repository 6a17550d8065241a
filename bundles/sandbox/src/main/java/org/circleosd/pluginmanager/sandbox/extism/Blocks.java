package org.circleosd.pluginmanager.sandbox.extism;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.util.Arrays;

/**
 * The memory that the host keeps for a guest: blocks of bytes that live until the next call. A handle is the position of
 * a block's first byte; 0 is none. A guest reaches nothing but the bytes of living blocks: what lies outside of them
 * reads as 0, and writes there are ignored. Numbers are little-endian. For one thread at a time.
 *
 * <p>All blocks lie in one array, which grows with its use up to the limit. {@link #load8}, {@link #load64} and their
 * counterparts are what plugins spend their time on: each remembers the block that it hit last, so that the next access
 * costs two comparisons.
 */
final class Blocks {

    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

    /** What stays with a guest that waits for its next call, in bytes. More is given back after each call. */
    private static final int KEPT_BYTES = 64 << 10;

    private static final byte[] NOTHING = {};
    private static final int FIRST_BYTES = 4 << 10;

    private final MemoryAllowance allowance;
    private final BlockTable table;
    private byte[] bytes = {};
    /** Bytes above this position were never written. */
    private int dirty;
    /** Bytes taken from the allowance. */
    private int reserved;

    /** The living block that the last read hit: from here to before there. */
    private long readFrom;

    private long readTo;
    private long writeFrom;
    private long writeTo;

    /**
     * Makes an empty memory.
     *
     * @param limit most bytes that the blocks and their list take
     */
    Blocks(long limit, MemoryAllowance allowance) {
        this.allowance = allowance;
        this.table = new BlockTable((int) Math.min(limit, Integer.MAX_VALUE - 64));
    }

    /** Drops all blocks. */
    void reset() {
        table.clear();
        forget();
    }

    /** Drops all blocks, and what they took beyond a small rest. */
    void release() {
        reset();
        if (bytes.length > KEPT_BYTES) {
            bytes = new byte[0];
            dirty = 0;
            allowance.release(reserved);
            reserved = 0;
        }
    }

    /** Makes a block of zeros; returns its handle, or 0 for no bytes or want of memory. */
    long alloc(long length) {
        int start = place(length);
        if (start != 0 && start < dirty) {
            Arrays.fill(bytes, start, start + (int) length, (byte) 0);
        }
        dirty = Math.max(dirty, table.top());
        return start;
    }

    /** Makes a block of these bytes; returns its handle, or 0 for no bytes or want of memory. */
    long write(byte[] source) {
        int start = place(source.length);
        if (start != 0) {
            System.arraycopy(source, 0, bytes, start, source.length);
            dirty = Math.max(dirty, table.top());
        }
        return start;
    }

    private int place(long length) {
        // Without a sign: what a guest means as a huge number is negative here.
        if (length <= 0 || length > Integer.MAX_VALUE) {
            return 0;
        }
        int start = table.take((int) length);
        if (start != 0 && table.top() > bytes.length && !grow()) {
            table.free(start);
            return 0;
        }
        return start;
    }

    private boolean grow() {
        long wanted = Math.max(table.top(), Math.min(2L * bytes.length, table.limit()));
        int size = (int) Math.max(wanted, Math.min(FIRST_BYTES, table.limit()));
        int more = size > KEPT_BYTES ? size - reserved : 0;
        if (!allowance.tryReserve(more)) {
            return false;
        }
        reserved += more;
        try {
            bytes = Arrays.copyOf(bytes, size);
            return true;
        } catch (OutOfMemoryError e) {
            // The array is not there; the guest is told that there is no room, and what it holds is still right.
            allowance.release(more);
            reserved -= more;
            return false;
        }
    }

    /** Frees a block; any other number is ignored. */
    void free(long handle) {
        if (table.free(handle)) {
            forget();
        }
    }

    /** Returns the length of a living block; 0 for any other number. */
    int length(long handle) {
        return handle == readFrom ? (int) (readTo - readFrom) : table.length(handle);
    }

    /** Returns how many bytes a further block could have. */
    long room() {
        return (long) table.limit() - table.top();
    }

    /** Says whether a range lies inside one living block. */
    boolean contains(long position, long length) {
        long end = table.endOfBlockAt(position);
        return length >= 0 && length <= end - position;
    }

    /** Copies bytes that lie, or lay, inside a block. */
    byte[] copy(long position, int length) {
        return Arrays.copyOfRange(bytes, (int) position, (int) position + length);
    }

    /** Returns the bytes of a living block; none for any other number. */
    byte[] read(long handle) {
        int length = length(handle);
        return length == 0 ? NOTHING : copy(handle, length);
    }

    /** Reads a byte; 0 to 255. */
    int load8(long position) {
        if (position < readFrom || position >= readTo) {
            if (!seekRead(position)) {
                return 0;
            }
        }
        return bytes[(int) position] & 0xff;
    }

    /** Reads eight bytes; those behind the end of the block are 0. */
    long load64(long position) {
        if (position < readFrom || position > readTo - Long.BYTES) {
            if (!seekRead(position)) {
                return 0;
            }
            if (position > readTo - Long.BYTES) {
                return loadEnd(position);
            }
        }
        return (long) LONG.get(bytes, (int) position);
    }

    void store8(long position, long value) {
        if (position < writeFrom || position >= writeTo) {
            if (!seekWrite(position)) {
                return;
            }
        }
        bytes[(int) position] = (byte) value;
    }

    /** Writes eight bytes; those behind the end of the block are left out. */
    void store64(long position, long value) {
        if (position < writeFrom || position > writeTo - Long.BYTES) {
            if (!seekWrite(position)) {
                return;
            }
            if (position > writeTo - Long.BYTES) {
                storeEnd(position, value);
                return;
            }
        }
        LONG.set(bytes, (int) position, value);
    }

    private long loadEnd(long position) {
        long value = 0;
        for (int i = 0; position + i < readTo; i++) {
            value |= (bytes[(int) position + i] & 0xffL) << (i * Byte.SIZE);
        }
        return value;
    }

    private void storeEnd(long position, long value) {
        for (int i = 0; position + i < writeTo; i++) {
            bytes[(int) position + i] = (byte) (value >> (i * Byte.SIZE));
        }
    }

    private boolean seekRead(long position) {
        long end = table.endOfBlockAt(position);
        if (end == 0) {
            return false;
        }
        readFrom = table.startOfBlockAt(position);
        readTo = end;
        return true;
    }

    private boolean seekWrite(long position) {
        long end = table.endOfBlockAt(position);
        if (end == 0) {
            return false;
        }
        writeFrom = table.startOfBlockAt(position);
        writeTo = end;
        return true;
    }

    /** The remembered blocks may be gone. */
    private void forget() {
        readFrom = 0;
        readTo = 0;
        writeFrom = 0;
        writeTo = 0;
    }
}
