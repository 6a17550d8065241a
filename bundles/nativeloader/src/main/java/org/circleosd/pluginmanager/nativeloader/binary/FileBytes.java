package org.circleosd.pluginmanager.nativeloader.binary;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/** Bounds-checked reading of a file whose offsets and counts may lie. */
final class FileBytes {

    /** Most symbols of a library; large real ones have a tenth of it. */
    static final int MAX_SYMBOLS = 1 << 19;

    /** Names may share their ends, so a small file can name a lot; real libraries stay far below. */
    private static final int MAX_NAME_BYTES = 64 << 20;

    private static final int TEXT_SAMPLE = 512;

    private final String name;
    private final ByteBuffer content;
    private int nameBytes;

    FileBytes(String name, ByteBuffer content) {
        this.name = name;
        this.content = content;
    }

    /** Returns a part of the file as a file of its own, with the same name in messages. */
    FileBytes part(long offset, long length, String part) {
        require(offset, length, part);
        return new FileBytes(name, content.slice((int) offset, (int) length).order(content.order()));
    }

    String name() {
        return name;
    }

    int size() {
        return content.limit();
    }

    int unsignedByte(long offset) {
        return content.get(at(offset, Byte.BYTES)) & 0xff;
    }

    int unsignedShort(long offset) {
        return content.getShort(at(offset, Short.BYTES)) & 0xffff;
    }

    int intAt(long offset) {
        return content.getInt(at(offset, Integer.BYTES));
    }

    long unsignedInt(long offset) {
        return intAt(offset) & 0xffffffffL;
    }

    long longAt(long offset) {
        return content.getLong(at(offset, Long.BYTES));
    }

    int bigEndianInt(long offset) {
        int value = intAt(offset);
        return content.order() == ByteOrder.BIG_ENDIAN ? value : Integer.reverseBytes(value);
    }

    /** Returns the bytes up to a zero byte as text; the zero has to come before the end. */
    String text(long offset, long end) {
        require(offset, end - offset, "a name");
        int start = (int) offset;
        long last = Math.min(end, (long) start + MAX_NAME_BYTES - nameBytes);
        for (int i = start; i < last; i++) {
            if (content.get(i) == 0) {
                nameBytes += i - start;
                return textOf(start, i - start);
            }
        }
        throw invalid(
                last < end
                        ? "damaged: its names are longer than " + MAX_NAME_BYTES + " bytes"
                        : "damaged: a name without end");
    }

    /** Returns a text in a field of a fixed size, which zero bytes fill up. */
    String paddedText(long offset, int length) {
        int start = at(offset, length);
        int end = start;
        while (end < start + length && content.get(end) != 0) {
            end++;
        }
        return textOf(start, end - start);
    }

    private String textOf(int start, int length) {
        byte[] found = new byte[length];
        content.get(start, found);
        return new String(found, StandardCharsets.UTF_8);
    }

    /** Checks that a part named by the file lies inside it. */
    void require(long offset, long length, String part) {
        if (offset < 0 || length < 0 || offset > size() - length) {
            throw invalid("truncated or damaged: " + part + " lies at " + Long.toUnsignedString(offset) + ", "
                    + Long.toUnsignedString(length) + " bytes long, but the file has " + size() + " bytes");
        }
    }

    /** Checks a count named by the file, so that no file costs more than a large library does. */
    void requireAtMost(long most, long count, String things) {
        if (count < 0 || count > most) {
            throw invalid(
                    "damaged: " + Long.toUnsignedString(count) + " " + things + "; a library has at most " + most);
        }
    }

    boolean looksLikeText() {
        for (int i = 0; i < Math.min(size(), TEXT_SAMPLE); i++) {
            int c = content.get(i) & 0xff;
            if ((c < ' ' && c != '\n' && c != '\r' && c != '\t') || c == 0x7f) {
                return false;
            }
        }
        return true;
    }

    PluginException invalid(String why) {
        return new PluginException(ErrorCode.PLUGIN_INVALID, name + ": " + why);
    }

    PluginException incompatible(String why) {
        return new PluginException(ErrorCode.INCOMPATIBLE, name + ": " + why);
    }

    private int at(long offset, int length) {
        require(offset, length, "a field");
        return (int) offset;
    }
}
