package org.circleosd.pluginmanager.engine.chicory;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/** Reads a range of a module from front to back; says where and why when it cannot. */
final class ModuleBytes {

    private final byte[] bytes;
    private final int end;
    private final String range;
    private int position;

    /** @param range what lies between the two positions, as in "the data section" */
    ModuleBytes(byte[] bytes, int start, int end, String range) {
        this.bytes = bytes;
        this.position = start;
        this.end = end;
        this.range = range;
    }

    int position() {
        return position;
    }

    int left() {
        return end - position;
    }

    int readByte(String what) {
        if (position == end) {
            throw truncated(what, position);
        }
        return bytes[position++] & 0xff;
    }

    /**
     * Reads an unsigned LEB128 number of at most 32 bits.
     *
     * @see <a href="https://webassembly.github.io/spec/core/binary/values.html#integers">integers</a>
     */
    long readUnsigned(String what) {
        int start = position;
        long value = 0;
        for (int shift = 0; shift < 35; shift += 7) {
            if (position == end) {
                throw truncated(what, start);
            }
            int read = bytes[position++];
            value |= (long) (read & 0x7f) << shift;
            if (read >= 0 && value <= 0xffffffffL) {
                return value;
            }
        }
        throw invalid(what + " at byte " + start + " is no 32-bit number");
    }

    /** Skips a LEB128 number of any sign and at most 64 bits. */
    void skipNumber(String what) {
        int start = position;
        for (int i = 0; i < 10; i++) {
            if (readByte(what) < 0x80) {
                return;
            }
        }
        throw invalid(what + " at byte " + start + " is no 64-bit number");
    }

    void skip(long length, String what) {
        if (length > left()) {
            throw invalid(what + " at byte " + position + " claims " + length + " bytes, but " + range + " has only "
                    + left() + " left");
        }
        position += (int) length;
    }

    private PluginException truncated(String what, int start) {
        return invalid(what + " at byte " + start + " is cut off: " + range + " ends at byte " + end);
    }

    static PluginException invalid(String why) {
        return new PluginException(ErrorCode.PLUGIN_INVALID, "not a valid WebAssembly module: " + why);
    }
}
