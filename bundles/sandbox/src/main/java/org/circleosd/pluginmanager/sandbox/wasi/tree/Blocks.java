package org.circleosd.pluginmanager.sandbox.wasi.tree;

import java.util.Arrays;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The content of a file in memory: blocks by their number. One that was never written is no block and reads as zeros. */
final class Blocks {

    static final int SIZE = 4096;
    /** What a block costs besides its bytes. */
    private static final int OVERHEAD = 64;

    private final MemoryTree tree;
    private final NavigableMap<Long, byte[]> blocks = new TreeMap<>();
    private long size;

    Blocks(MemoryTree tree) {
        this.tree = tree;
    }

    long size() {
        return size;
    }

    int read(byte[] into, int length, long position) {
        int count = (int) Math.max(0, Math.min(length, size - position));
        for (int done = 0; done < count; ) {
            long at = position + done;
            int offset = (int) (at % SIZE);
            int piece = Math.min(count - done, SIZE - offset);
            byte[] block = blocks.get(at / SIZE);
            if (block == null) {
                Arrays.fill(into, done, done + piece, (byte) 0);
            } else {
                System.arraycopy(block, offset, into, done, piece);
            }
            done += piece;
        }
        return count;
    }

    /** Copies bytes in; takes the room for all of them first, so that it does all or nothing. */
    void write(byte[] from, int length, long position) {
        if (position > Long.MAX_VALUE - length) {
            throw TreeFailure.of(WasiErrno.FBIG);
        }
        if (length == 0) {
            return;
        }
        long last = (position + length - 1) / SIZE;
        long missing = 0;
        for (long number = position / SIZE; number <= last; number++) {
            missing += blocks.containsKey(number) ? 0 : 1;
        }
        tree.take(missing * (SIZE + OVERHEAD));
        for (int done = 0; done < length; ) {
            long at = position + done;
            int offset = (int) (at % SIZE);
            int piece = Math.min(length - done, SIZE - offset);
            System.arraycopy(from, done, block(at / SIZE), offset, piece);
            done += piece;
        }
        size = Math.max(size, position + length);
    }

    void resize(long newSize) {
        if (newSize < size) {
            long firstGone = newSize / SIZE + (newSize % SIZE == 0 ? 0 : 1);
            NavigableMap<Long, byte[]> gone = blocks.tailMap(firstGone, true);
            tree.give((long) gone.size() * (SIZE + OVERHEAD));
            gone.clear();
            byte[] cut = blocks.get(newSize / SIZE);
            if (cut != null) {
                Arrays.fill(cut, (int) (newSize % SIZE), SIZE, (byte) 0);
            }
        }
        size = newSize;
    }

    private byte[] block(long number) {
        return blocks.computeIfAbsent(number, unused -> new byte[SIZE]);
    }
}
