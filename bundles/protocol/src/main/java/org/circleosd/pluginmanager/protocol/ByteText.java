package org.circleosd.pluginmanager.protocol;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** UTF-8 text that grows. */
final class ByteText {

    private static final byte[] HEX = "0123456789abcdef".getBytes(StandardCharsets.US_ASCII);

    private byte[] bytes;
    private int length;

    ByteText(int expectedBytes) {
        bytes = new byte[expectedBytes];
    }

    /** Appends text of ASCII characters as it is. */
    ByteText ascii(String text) {
        reserve(text.length());
        for (int i = 0; i < text.length(); i++) {
            bytes[length++] = (byte) text.charAt(i);
        }
        return this;
    }

    /**
     * Appends text for between the quotes of a JSON string. Hidden characters are escaped too: a reply that is printed
     * does nothing to a terminal.
     */
    ByteText json(String text) {
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            reserve(6);
            if (c < 0x80) {
                asciiOfJson(c);
            } else if (VisibleText.isHidden(c) || VisibleText.isLoneSurrogate(text, i)) {
                unicodeEscape(c);
            } else {
                int point = text.codePointAt(i);
                i += Character.charCount(point) - 1;
                length = Utf8.encode(point, bytes, length);
            }
        }
        return this;
    }

    /** Appends valid UTF-8 for between the quotes of a JSON string, with only the escapes that JSON needs. */
    ByteText jsonOfUtf8(byte[] text) {
        int copied = 0;
        for (int i = 0; i < text.length; i++) {
            byte b = text[i];
            // Bytes above 0x7f are negative: they are copied like letters.
            if (b >= 0 && (b < 0x20 || b == '"' || b == '\\')) {
                append(text, copied, i);
                reserve(6);
                asciiOfJson((char) b);
                copied = i + 1;
            }
        }
        append(text, copied, text.length);
        return this;
    }

    byte[] toBytes() {
        return length == bytes.length ? bytes : Arrays.copyOf(bytes, length);
    }

    private void append(byte[] source, int from, int to) {
        reserve(to - from);
        System.arraycopy(source, from, bytes, length, to - from);
        length += to - from;
    }

    private void asciiOfJson(char c) {
        switch (c) {
            case '"' -> escape('"');
            case '\\' -> escape('\\');
            case '\n' -> escape('n');
            case '\r' -> escape('r');
            case '\t' -> escape('t');
            default -> {
                if (VisibleText.isHidden(c)) {
                    unicodeEscape(c);
                } else {
                    bytes[length++] = (byte) c;
                }
            }
        }
    }

    private void escape(char letter) {
        bytes[length++] = '\\';
        bytes[length++] = (byte) letter;
    }

    private void unicodeEscape(char c) {
        escape('u');
        for (int shift = 12; shift >= 0; shift -= 4) {
            bytes[length++] = HEX[c >> shift & 0xf];
        }
    }

    private void reserve(int more) {
        if (bytes.length - length < more) {
            bytes = Arrays.copyOf(bytes, Math.addExact(length, Math.max(more, length / 2 + 64)));
        }
    }
}
