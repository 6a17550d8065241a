package org.circleosd.pluginmanager.json;

/** Foreign text in messages: bounded, and nothing in it that moves a terminal's cursor or turns its direction. */
public final class Shown {

    private static final int MAX_CHARS = 80;

    private Shown() {}

    /** Returns the text between apostrophes. */
    public static String quoted(String text) {
        return "'" + shortened(text, MAX_CHARS) + "'";
    }

    /** Returns the text, or its first characters. */
    public static String shortened(String text, int maxChars) {
        StringBuilder shown = new StringBuilder();
        int end = Math.min(text.length(), maxChars);
        for (int i = 0; i < end; i++) {
            char c = text.charAt(i);
            if (isHidden(c) || (Character.isSurrogate(c) && !isWholePair(text, i, end))) {
                shown.append(String.format("\\u%04x", (int) c));
            } else {
                shown.append(c);
            }
        }
        return end < text.length() ? shown.append("...").toString() : shown.toString();
    }

    /** Says whether the character is a control character, or changes the direction or the lines of a text. */
    public static boolean isHidden(int c) {
        return Character.isISOControl(c)
                || c == '\u061c'
                || (c >= '\u200e' && c <= '\u200f')
                || (c >= '\u2028' && c <= '\u202e')
                || (c >= '\u2066' && c <= '\u2069')
                || c == '\ufeff';
    }

    private static boolean isWholePair(String text, int at, int end) {
        return Character.isHighSurrogate(text.charAt(at))
                ? at + 1 < end && Character.isLowSurrogate(text.charAt(at + 1))
                : Character.isLowSurrogate(text.charAt(at)) && at > 0 && Character.isHighSurrogate(text.charAt(at - 1));
    }
}
