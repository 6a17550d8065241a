package org.circleosd.pluginmanager.nativeloader;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/** Bounds-checked reading of a file whose offsets may lie. */
final class ElfBytes {

    private static final int TEXT_SAMPLE = 512;

    private final String name;
    private final ByteBuffer content;

    ElfBytes(String name, ByteBuffer content) {
        this.name = name;
        this.content = content;
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

    long longAt(long offset) {
        return content.getLong(at(offset, Long.BYTES));
    }

    int bigEndianInt(long offset) {
        int value = intAt(offset);
        return content.order() == ByteOrder.BIG_ENDIAN ? value : Integer.reverseBytes(value);
    }

    /** Returns the bytes up to a zero byte as text, or null if there is none within the bounds. */
    String text(long offset, long end) {
        require(offset, end - offset, "a name");
        int start = (int) offset;
        for (int i = start; i < end; i++) {
            if (content.get(i) == 0) {
                byte[] found = new byte[i - start];
                content.get(start, found);
                return new String(found, StandardCharsets.UTF_8);
            }
        }
        throw invalid("damaged: a name without end");
    }

    /** Checks that a part named by the file lies inside it. */
    void require(long offset, long length, String part) {
        if (offset < 0 || length < 0 || offset > size() - length) {
            throw invalid("truncated or damaged: " + part + " lies at " + Long.toUnsignedString(offset) + ", "
                    + Long.toUnsignedString(length) + " bytes long, but the file has " + size() + " bytes");
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
