package org.circleosd.pluginmanager.sandbox.module;

import java.nio.charset.StandardCharsets;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * Reads a module from front to back; says where and why when it cannot. The numbers are read as strictly as the
 * specification asks: neither longer nor larger than their type.
 *
 * @see <a href="https://webassembly.github.io/spec/core/binary/values.html#integers">integers</a>
 */
final class ModuleInput {

    private static final int NO_FUNCTION = -1;

    private final byte[] bytes;
    private int position;
    private int end;
    private String range = "the file";
    private int function = NO_FUNCTION;

    ModuleInput(byte[] bytes, int start) {
        this.bytes = bytes;
        this.position = start;
        this.end = bytes.length;
    }

    int position() {
        return position;
    }

    int left() {
        return end - position;
    }

    /** Makes what is read next end at a section's end. */
    void enterSection(int sectionEnd, String words) {
        end = sectionEnd;
        range = words;
    }

    void leaveSection(String what) {
        if (position != end) {
            throw invalid(position, what + " has " + left() + " bytes more than its entries");
        }
        end = bytes.length;
        range = "the file";
    }

    /**
     * Makes what is read next end at the end of a function's body, and messages name the function.
     *
     * @param index in the module's space of functions, imports first
     * @return the end before this call, for {@link #leaveFunction}
     */
    int enterFunction(int bodyEnd, int index) {
        int outer = end;
        end = bodyEnd;
        function = index;
        return outer;
    }

    void leaveFunction(int outer) {
        if (position != end) {
            throw invalid(position, "the function goes on after its end for " + left() + " bytes");
        }
        end = outer;
        function = NO_FUNCTION;
    }

    int readByte(String what) {
        if (position == end) {
            throw truncated(what, position);
        }
        return bytes[position++] & 0xff;
    }

    void goBackTo(int earlier) {
        position = earlier;
    }

    /** Takes the last byte back. */
    void goBack() {
        position--;
    }

    /** Reads an unsigned number of 32 bits. */
    long readUnsigned(String what) {
        if (position < end && bytes[position] >= 0) {
            return bytes[position++];
        }
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
        throw invalid(start, what + " is no unsigned number of 32 bits");
    }

    /** Reads an index, which must be less than the number of things that there are. */
    int readIndex(String what, int count) {
        int start = position;
        long index = readUnsigned(what);
        if (index >= count) {
            throw invalid(start, what + " is " + index + ", but there are " + count);
        }
        return (int) index;
    }

    /** Reads a number that the module must not choose too large. */
    int readWithin(String what, long most) {
        int start = position;
        long value = readUnsigned(what);
        if (value > most) {
            throw overLimit(start, what + " is " + value, most);
        }
        return (int) value;
    }

    /** Reads how many entries follow, each at least one byte long. */
    int readCount(String what, long most) {
        int start = position;
        long count = readUnsigned(what);
        if (count > left()) {
            throw invalid(start, what + " is " + count + ", but only " + left() + " bytes are left in " + range());
        }
        if (count > most) {
            throw overLimit(start, what + " is " + count, most);
        }
        return (int) count;
    }

    /**
     * Reads a signed number.
     *
     * @param bits of the number, 32 to 64
     */
    long readSigned(int bits, String what) {
        int start = position;
        long value = 0;
        for (int shift = 0; shift < bits; shift += 7) {
            if (position == end) {
                throw truncated(what, start);
            }
            int read = bytes[position++];
            value |= (long) (read & 0x7f) << shift;
            if (read >= 0) {
                int used = bits - shift;
                // Of a last byte with bits to spare, these repeat the sign.
                int spare = used < 7 ? (byte) (read << 1) >> used : 0;
                if (spare != 0 && spare != -1) {
                    break;
                }
                int unread = 64 - Math.min(64, shift + 7);
                return value << unread >> unread;
            }
        }
        throw invalid(start, what + " is no signed number of " + bits + " bits");
    }

    void skip(long length, String what) {
        if (length > left()) {
            throw invalid(
                    position, what + " claims " + length + " bytes, but " + range() + " has only " + left() + " left");
        }
        position += (int) length;
    }

    /** Reads a name: its length, then UTF-8. */
    String readName(String what) {
        int start = position;
        long length = readUnsigned("the length of " + what);
        int first = position;
        skip(length, what);
        int wrong = Utf8.firstWrong(bytes, first, position);
        if (wrong >= 0) {
            throw invalid(wrong, what + " is not UTF-8");
        }
        if (length > ModuleLimits.NAME_BYTES) {
            throw overLimit(start, what + " has " + length + " bytes", ModuleLimits.NAME_BYTES);
        }
        return new String(bytes, first, (int) length, StandardCharsets.UTF_8);
    }

    private String range() {
        return function == NO_FUNCTION ? range : "the function";
    }

    private PluginException truncated(String what, int start) {
        return invalid(start, what + " is cut off: " + range() + " ends at byte " + end);
    }

    PluginException invalid(int at, String why) {
        return new PluginException(
                ErrorCode.PLUGIN_INVALID, "not a valid WebAssembly module: " + place(at) + ": " + why);
    }

    PluginException overLimit(int at, String what, long most) {
        return new PluginException(
                ErrorCode.LIMIT_EXCEEDED,
                "the WebAssembly module goes beyond a limit: " + place(at) + ": " + what + ", at most " + most
                        + " can be loaded");
    }

    PluginException unsupported(int at, Feature feature) {
        return new PluginException(
                ErrorCode.PLUGIN_INVALID,
                "the module uses " + feature.words() + " (" + place(at)
                        + "), which this host does not run; for the plugin: " + feature.hint());
    }

    private String place(int at) {
        return "byte " + at + (function == NO_FUNCTION ? "" : " in function " + function);
    }
}
