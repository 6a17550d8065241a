package org.circleosd.pluginmanager.sandbox;

import java.io.ByteArrayOutputStream;
import java.util.Optional;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.Invocation;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.sandbox.wasi.Wasi;

/** One call of the bytes convention. */
final class BytesCall implements CallingConvention.GuestCall {

    private static final int SMALLEST_PIECE = 256;
    private static final int LARGEST_PIECE = 1 << 16;

    private final Invocation invocation;
    private final Shape shape;
    private final String allocator;
    private final Optional<Deallocator> deallocator;
    private final int outputBytes;

    BytesCall(
            Invocation invocation, Shape shape, String allocator, Optional<Deallocator> deallocator, int outputBytes) {
        this.invocation = invocation;
        this.shape = shape;
        this.allocator = allocator;
        this.deallocator = deallocator;
        this.outputBytes = outputBytes;
    }

    @Override
    public byte[] run(Guest guest) {
        int length = invocation.payload().length;
        int room = allocate(guest, length);
        long value = guest.function(invocation.function()).call(room, length)[0];
        byte[] result = shape == Shape.RANGE ? range(guest.memory(), value) : text(guest.memory(), (int) value);
        if (deallocator.isPresent()) {
            free(guest, deallocator.get(), room, value);
        }
        return result;
    }

    private int allocate(Guest guest, int length) {
        int room = (int) guest.function(allocator).call(length)[0];
        // Allocators may answer a request for nothing with 0, or with any number.
        if (length == 0) {
            return room;
        }
        if (room == 0) {
            throw new PluginException(
                    ErrorCode.OUT_OF_MEMORY,
                    "the plugin has no room for a payload of " + length + " bytes: its " + allocator + " returned 0");
        }
        checkInside(guest.memory(), allocator, room, length);
        guest.memory().write(room, invocation.payload(), 0, length);
        return room;
    }

    private byte[] range(GuestMemory memory, long value) {
        int address = (int) (value >>> 32);
        int length = (int) value;
        checkInside(memory, invocation.function(), address, length);
        if (length < 0 || length > outputBytes) {
            throw tooLarge(Integer.toUnsignedString(length) + " bytes");
        }
        return memory.read(address, length);
    }

    private byte[] text(GuestMemory memory, int address) {
        if (address == 0) {
            throw new PluginException(
                    ErrorCode.PLUGIN_ERROR, invocation.function() + " returned a null address: it has no result");
        }
        checkInside(memory, invocation.function(), address, 1);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        for (int piece = SMALLEST_PIECE; ; piece = Math.min(2 * piece, LARGEST_PIECE)) {
            int from = address + text.size();
            long left = memory.size() - Integer.toUnsignedLong(from);
            if (left == 0) {
                throw outside(invocation.function(), "a text without a NUL before the end of the memory");
            }
            byte[] bytes = memory.read(from, (int) Math.min(piece, left));
            int end = 0;
            while (end < bytes.length && bytes[end] != 0) {
                end++;
            }
            text.write(bytes, 0, end);
            if (text.size() > outputBytes) {
                throw tooLarge("a longer text");
            }
            if (end < bytes.length) {
                return text.toByteArray();
            }
        }
    }

    /**
     * Gives the payload's room and the result's back. A result inside the payload's room is no room of its own, an empty
     * one may be none at all, and a text stays with the plugin, which may return a constant.
     */
    private void free(Guest guest, Deallocator free, int room, long value) {
        int length = invocation.payload().length;
        long address = value >>> 32;
        long start = Integer.toUnsignedLong(room);
        boolean inPayload = address >= start && address < start + Math.max(1, length);
        if (shape == Shape.RANGE && !inPayload && (int) value != 0) {
            free.call(guest, (int) address, (int) value);
        }
        free.call(guest, room, length);
    }

    private static void checkInside(GuestMemory memory, String function, int address, int length) {
        if (!Wasi.fits(memory, address, Integer.toUnsignedLong(length))) {
            throw outside(
                    function,
                    Integer.toUnsignedString(length) + " bytes at address " + Integer.toUnsignedString(address)
                            + ", outside its memory of " + memory.size() + " bytes");
        }
    }

    private static PluginException outside(String function, String what) {
        return new PluginException(ErrorCode.PLUGIN_TRAP, function + " returned " + what);
    }

    private PluginException tooLarge(String found) {
        return new PluginException(
                ErrorCode.TOO_LARGE,
                invocation.function() + " returned " + found + "; at most " + outputBytes
                        + " bytes are allowed (limits.output_bytes)");
    }

    /** What the returned value is. */
    enum Shape {
        /** i64: address in the high half, length in the low half. */
        RANGE,
        /** i32: address of a NUL-terminated text. */
        TEXT
    }

    /**
     * The guest's function that takes rooms back.
     *
     * @param withLength whether it is told the room's length after its address
     */
    record Deallocator(String name, boolean withLength) {

        void call(Guest guest, int address, int length) {
            if (withLength) {
                guest.function(name).call(address, length);
            } else {
                guest.function(name).call(address);
            }
        }
    }
}
