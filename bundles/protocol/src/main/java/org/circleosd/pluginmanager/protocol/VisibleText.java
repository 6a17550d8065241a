package org.circleosd.pluginmanager.protocol;

/** Text of others in messages: bounded, and nothing in it that moves a terminal's cursor or turns its direction. */
final class VisibleText {

    private static final int QUOTED_CHARS = 64;

    private VisibleText() {}

    /** Returns the text between apostrophes; a long one is cut. */
    static String quoted(String text) {
        return "'" + line(text, QUOTED_CHARS) + "'";
    }

    /** Returns the text on one line, each hidden character as its escape; what is longer is cut. */
    static String line(String text, int maxChars) {
        int end = Math.min(text.length(), maxChars);
        if (end > 0 && end < text.length() && Character.isHighSurrogate(text.charAt(end - 1))) {
            end--;
        }
        StringBuilder line = new StringBuilder(end + 16);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (isHidden(c) || isLoneSurrogate(text, i)) {
                line.append(String.format("\\u%04x", (int) c));
            } else {
                line.append(c);
            }
        }
        return end < text.length() ? line.append("...").toString() : line.toString();
    }

    /** Says whether the character is a control character, or changes the direction or the lines of a text. */
    static boolean isHidden(char c) {
        if (c < 0x7f) {
            return c < 0x20;
        }
        return c <= 0x9f
                || c == '\u061c'
                || (c >= '\u200e' && c <= '\u200f')
                || (c >= '\u2028' && c <= '\u202e')
                || (c >= '\u2066' && c <= '\u2069')
                || c == '\ufeff';
    }

    /** Says whether a surrogate at this place lacks its other half. */
    static boolean isLoneSurrogate(String text, int at) {
        char c = text.charAt(at);
        if (Character.isHighSurrogate(c)) {
            return at + 1 == text.length() || !Character.isLowSurrogate(text.charAt(at + 1));
        }
        return Character.isLowSurrogate(c) && (at == 0 || !Character.isHighSurrogate(text.charAt(at - 1)));
    }
}
