package org.circleosd.pluginmanager.sandbox.module;

/**
 * UTF-8 as the specification reads it: shortest form only, no surrogates, nothing above U+10FFFF.
 *
 * @see <a href="https://webassembly.github.io/spec/core/binary/values.html#names">names</a>
 */
final class Utf8 {

    private Utf8() {}

    /** Returns the position of the first byte of a range that begins no character, or -1. */
    static int firstWrong(byte[] bytes, int start, int end) {
        int at = start;
        while (at < end) {
            int length = characterLength(bytes, at, end);
            if (length == 0) {
                return at;
            }
            at += length;
        }
        return -1;
    }

    private static int characterLength(byte[] bytes, int at, int end) {
        int first = bytes[at] & 0xff;
        if (first < 0x80) {
            return 1;
        }
        int length = first < 0xc2 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : first < 0xf5 ? 4 : 0;
        if (length == 0 || length > end - at) {
            return 0;
        }
        for (int i = 1; i < length; i++) {
            if ((bytes[at + i] & 0xc0) != 0x80) {
                return 0;
            }
        }
        int second = bytes[at + 1] & 0xff;
        boolean inRange =
                switch (first) {
                    case 0xe0 -> second >= 0xa0;
                    case 0xed -> second < 0xa0;
                    case 0xf0 -> second >= 0x90;
                    case 0xf4 -> second < 0x90;
                    default -> true;
                };
        return inRange ? length : 0;
    }
}
