package org.circleosd.pluginmanager.protocol;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * Checks and writes UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
 *
 * @see <a href="https://www.unicode.org/versions/Unicode16.0.0/core-spec/chapter-3/#G27506">Unicode 16.0, table 3-7</a>
 */
final class Utf8 {

    private static final VarHandle EIGHT_BYTES =
            MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long HIGH_BITS = 0x8080808080808080L;

    private Utf8() {}

    static boolean isValid(byte[] bytes) {
        return firstInvalid(bytes) < 0;
    }

    /** Returns where the first sequence starts that is not UTF-8; -1 if there is none. */
    static int firstInvalid(byte[] bytes) {
        int at = 0;
        while (at < bytes.length) {
            // Nearly all requests and results are ASCII: eight bytes a step.
            if (at + Long.BYTES <= bytes.length && ((long) EIGHT_BYTES.get(bytes, at) & HIGH_BITS) == 0) {
                at += Long.BYTES;
                continue;
            }
            int length = sequenceLength(bytes, at);
            if (length == 0) {
                return at;
            }
            at += length;
        }
        return -1;
    }

    /** Returns the length of the sequence that starts here; 0 if it is not UTF-8. */
    private static int sequenceLength(byte[] bytes, int at) {
        int first = bytes[at] & 0xff;
        if (first < 0x80) {
            return 1;
        } else if (first >= 0xc2 && first <= 0xdf) {
            return isBetween(bytes, at + 1, 0x80, 0xbf) ? 2 : 0;
        } else if (first >= 0xe0 && first <= 0xef) {
            int least = first == 0xe0 ? 0xa0 : 0x80;
            int most = first == 0xed ? 0x9f : 0xbf;
            return isBetween(bytes, at + 1, least, most) && isBetween(bytes, at + 2, 0x80, 0xbf) ? 3 : 0;
        } else if (first >= 0xf0 && first <= 0xf4) {
            int least = first == 0xf0 ? 0x90 : 0x80;
            int most = first == 0xf4 ? 0x8f : 0xbf;
            return isBetween(bytes, at + 1, least, most)
                            && isBetween(bytes, at + 2, 0x80, 0xbf)
                            && isBetween(bytes, at + 3, 0x80, 0xbf)
                    ? 4
                    : 0;
        }
        return 0;
    }

    /** Writes a code point that is no surrogate; returns the place after it. */
    static int encode(int point, byte[] text, int at) {
        int length = at;
        if (point < 0x80) {
            text[length++] = (byte) point;
        } else if (point < 0x800) {
            text[length++] = (byte) (0xc0 | point >> 6);
            text[length++] = (byte) (0x80 | (point & 0x3f));
        } else if (point < 0x10000) {
            text[length++] = (byte) (0xe0 | point >> 12);
            text[length++] = (byte) (0x80 | (point >> 6 & 0x3f));
            text[length++] = (byte) (0x80 | (point & 0x3f));
        } else {
            text[length++] = (byte) (0xf0 | point >> 18);
            text[length++] = (byte) (0x80 | (point >> 12 & 0x3f));
            text[length++] = (byte) (0x80 | (point >> 6 & 0x3f));
            text[length++] = (byte) (0x80 | (point & 0x3f));
        }
        return length;
    }

    private static boolean isBetween(byte[] bytes, int at, int least, int most) {
        return at < bytes.length && (bytes[at] & 0xff) >= least && (bytes[at] & 0xff) <= most;
    }
}
