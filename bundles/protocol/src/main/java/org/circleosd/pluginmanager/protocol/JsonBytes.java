package org.circleosd.pluginmanager.protocol;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** Reads values out of a line that is known to be JSON in UTF-8. */
final class JsonBytes {

    private JsonBytes() {}

    /**
     * Returns the UTF-8 of the string that starts here; null if an escape is half of a surrogate pair, which has no
     * UTF-8.
     *
     * @param start place of the opening quote
     */
    static byte @Nullable [] unescape(byte[] json, int start) {
        int at = start + 1;
        while (json[at] != '"' && json[at] != '\\') {
            at++;
        }
        if (json[at] == '"') {
            return Arrays.copyOfRange(json, start + 1, at);
        }
        // An escape is never shorter than its UTF-8.
        byte[] text = new byte[endOfString(json, start) - start];
        int length = at - start - 1;
        System.arraycopy(json, start + 1, text, 0, length);
        while (json[at] != '"') {
            if (json[at] != '\\') {
                text[length++] = json[at++];
            } else if (json[at + 1] != 'u') {
                text[length++] = control(json[at + 1]);
                at += 2;
            } else {
                int point = unit(json, at + 2);
                at += 6;
                if (Character.isHighSurrogate((char) point) && json[at] == '\\' && json[at + 1] == 'u') {
                    int low = unit(json, at + 2);
                    if (Character.isLowSurrogate((char) low)) {
                        point = Character.toCodePoint((char) point, (char) low);
                        at += 6;
                    }
                }
                if (point >= Character.MIN_SURROGATE && point <= Character.MAX_SURROGATE) {
                    return null;
                }
                length = Utf8.encode(point, text, length);
            }
        }
        return Arrays.copyOf(text, length);
    }

    /** Returns the value that starts here without the blanks between its parts; texts and numbers stay as written. */
    static byte[] compact(byte[] json, int start) {
        int end = endOfValue(json, start);
        byte[] text = new byte[end - start];
        int length = 0;
        for (int at = start; at < end; at++) {
            byte b = json[at];
            if (b == '"') {
                int stringEnd = endOfString(json, at);
                System.arraycopy(json, at, text, length, stringEnd - at);
                length += stringEnd - at;
                at = stringEnd - 1;
            } else if (!isBlank(b)) {
                text[length++] = b;
            }
        }
        return length == text.length ? text : Arrays.copyOf(text, length);
    }

    static boolean isBlank(byte b) {
        return b == ' ' || b == '\t' || b == '\r' || b == '\n';
    }

    /** Returns the place after the value. */
    private static int endOfValue(byte[] json, int start) {
        int depth = 0;
        int at = start;
        do {
            switch (json[at]) {
                case '"' -> at = endOfString(json, at);
                case '{', '[' -> {
                    depth++;
                    at++;
                }
                case '}', ']' -> {
                    depth--;
                    at++;
                }
                default -> at++;
            }
        } while (depth > 0 || !endsAt(json, start, at));
        return at;
    }

    /** Says whether a value outside brackets ends here: numbers and words have no end of their own. */
    private static boolean endsAt(byte[] json, int start, int at) {
        byte first = json[start];
        return first == '{'
                || first == '['
                || first == '"'
                || json[at] == ','
                || json[at] == '}'
                || json[at] == ']'
                || isBlank(json[at]);
    }

    /** Returns the place after the closing quote. */
    private static int endOfString(byte[] json, int start) {
        int at = start + 1;
        while (json[at] != '"') {
            at += json[at] == '\\' ? 2 : 1;
        }
        return at + 1;
    }

    private static byte control(byte letter) {
        return (byte)
                switch (letter) {
                    case 'b' -> '\b';
                    case 'f' -> '\f';
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    default -> letter;
                };
    }

    private static int unit(byte[] json, int at) {
        int unit = 0;
        for (int i = at; i < at + 4; i++) {
            unit = unit << 4 | Character.digit(json[i], 16);
        }
        return unit;
    }
}
