package org.circleosd.pluginmanager.sandbox.extism;

import java.util.Arrays;

/**
 * Which parts of a memory are blocks: a list of rooms that lie side by side, each with a living block or free. Freed
 * rooms are used again for blocks of about their size; when there is no place left, free neighbours become one room.
 * Positions begin above 0. For one thread at a time.
 */
final class BlockTable {

    /** Rooms begin at multiples of this. */
    private static final int GRAIN = 16;

    /** What a room costs in this table, in bytes. */
    private static final int ROOM_COST = 16;

    private static final int FREE = -1;
    private static final int NONE = -1;

    private static final int FIRST_ROOMS = 16;
    private static final int KEPT_ROOMS = 1024;
    /** Free rooms that are looked at before a new one is made. */
    private static final int TRIES = 8;

    private static final int[] NO_BINS = {};

    private final int limit;

    /** Where each room begins, rising; it ends where the next begins. */
    private int[] starts = new int[FIRST_ROOMS];
    /** Length of each living block, or {@link #FREE}. */
    private int[] lengths = new int[FIRST_ROOMS];
    /** The next free room of the same bin. */
    private int[] nexts = new int[FIRST_ROOMS];

    private int count;
    /** Where the last room ends. */
    private int top = GRAIN;
    /** The first free room of each size class; empty until the first room is freed. */
    private int[] bins = NO_BINS;

    /**
     * Makes an empty table.
     *
     * @param limit most bytes that the rooms and this table take
     */
    BlockTable(int limit) {
        this.limit = limit;
    }

    int limit() {
        return limit;
    }

    /** Returns the position behind the last room. */
    int top() {
        return top;
    }

    /** Returns the number of rooms. */
    int count() {
        return count;
    }

    void clear() {
        count = 0;
        top = GRAIN;
        if (bins.length > 0) {
            Arrays.fill(bins, NONE);
        }
        if (starts.length > KEPT_ROOMS) {
            resize(FIRST_ROOMS);
        }
    }

    /** Finds a room for a block; returns its position, 0 if there is none. */
    int take(int length) {
        int size = roundUp(length);
        if (size <= 0) {
            return 0;
        }
        int room = takeFree(size);
        if (room == NONE && !fits(size) && bins.length > 0) {
            mergeFree();
            room = fits(size) ? NONE : splitFree(size);
        }
        if (room == NONE) {
            if (!fits(size)) {
                return 0;
            }
            room = append(size);
        }
        lengths[room] = length;
        return starts[room];
    }

    /** Frees a living block; false for any other number. */
    boolean free(long handle) {
        int room = find(handle);
        if (room == NONE || starts[room] != handle || lengths[room] == FREE) {
            return false;
        }
        if (room == count - 1) {
            top = starts[room];
            count--;
        } else {
            release(room);
        }
        return true;
    }

    /** Returns the length of a living block; 0 for any other number. */
    int length(long handle) {
        int room = find(handle);
        return room != NONE && starts[room] == handle ? Math.max(0, lengths[room]) : 0;
    }

    /** Returns the position behind the last byte of the living block that a position lies in; 0 if there is none. */
    int endOfBlockAt(long position) {
        int room = find(position);
        return room != NONE && position < starts[room] + (long) lengths[room] ? starts[room] + lengths[room] : 0;
    }

    /** Returns the position of the first byte of the room that a position lies in. */
    int startOfBlockAt(long position) {
        return starts[find(position)];
    }

    /** Returns the room that a position lies in. */
    private int find(long position) {
        if (position < GRAIN || position >= top) {
            return NONE;
        }
        int low = 0;
        int high = count - 1;
        while (low < high) {
            int middle = (low + high + 1) >>> 1;
            if (starts[middle] <= position) {
                low = middle;
            } else {
                high = middle - 1;
            }
        }
        return low;
    }

    private boolean fits(int size) {
        return size <= limit - top - (count + 1L) * ROOM_COST;
    }

    private int append(int size) {
        if (count == starts.length) {
            resize(2 * count);
        }
        starts[count] = top;
        top += size;
        return count++;
    }

    private void resize(int size) {
        starts = Arrays.copyOf(starts, size);
        lengths = Arrays.copyOf(lengths, size);
        nexts = Arrays.copyOf(nexts, size);
    }

    private void release(int room) {
        if (bins.length == 0) {
            bins = new int[Integer.SIZE];
            Arrays.fill(bins, NONE);
        }
        lengths[room] = FREE;
        int bin = bin(size(room));
        nexts[room] = bins[bin];
        bins[bin] = room;
    }

    /** Takes a freed room of this size or a little more. */
    private int takeFree(int size) {
        if (bins.length == 0) {
            return NONE;
        }
        int bin = bin(size);
        int before = NONE;
        int room = bins[bin];
        for (int i = 0; i < TRIES && room != NONE; i++) {
            int found = size(room);
            if (found >= size && found - size <= size / 4) {
                if (before == NONE) {
                    bins[bin] = nexts[room];
                } else {
                    nexts[before] = nexts[room];
                }
                return room;
            }
            before = room;
            room = nexts[room];
        }
        return NONE;
    }

    /** Makes one room of free neighbours, and gives the last ones back. */
    private void mergeFree() {
        int kept = 0;
        for (int room = 0; room < count; room++) {
            boolean joins = kept > 0 && lengths[room] == FREE && lengths[kept - 1] == FREE;
            if (!joins) {
                starts[kept] = starts[room];
                lengths[kept] = lengths[room];
                kept++;
            }
        }
        count = kept;
        if (count > 0 && lengths[count - 1] == FREE) {
            count--;
            top = starts[count];
        }
        Arrays.fill(bins, NONE);
        for (int room = 0; room < count; room++) {
            if (lengths[room] == FREE) {
                release(room);
            }
        }
    }

    /** Takes the first free room that is large enough; what it has too much becomes a room of its own. */
    private int splitFree(int size) {
        for (int room = 0; room < count; room++) {
            if (lengths[room] != FREE || size(room) < size) {
                continue;
            }
            unlink(room);
            if (size(room) > size && fits(0)) {
                insertAfter(room, starts[room] + size);
            }
            return room;
        }
        return NONE;
    }

    private void unlink(int room) {
        int bin = bin(size(room));
        if (bins[bin] == room) {
            bins[bin] = nexts[room];
            return;
        }
        int before = bins[bin];
        while (nexts[before] != room) {
            before = nexts[before];
        }
        nexts[before] = nexts[room];
    }

    private void insertAfter(int room, int start) {
        if (count == starts.length) {
            resize(2 * count);
        }
        int at = room + 1;
        System.arraycopy(starts, at, starts, at + 1, count - at);
        System.arraycopy(lengths, at, lengths, at + 1, count - at);
        count++;
        starts[at] = start;
        lengths[at] = FREE;
        // The rooms behind it have new numbers, so all lists are made anew.
        lengths[room] = 0;
        Arrays.fill(bins, NONE);
        for (int i = 0; i < count; i++) {
            if (lengths[i] == FREE) {
                release(i);
            }
        }
    }

    private int size(int room) {
        return (room + 1 < count ? starts[room + 1] : top) - starts[room];
    }

    private static int roundUp(int length) {
        return (length + GRAIN - 1) & -GRAIN;
    }

    private static int bin(int size) {
        return Integer.SIZE - 1 - Integer.numberOfLeadingZeros(size);
    }
}
