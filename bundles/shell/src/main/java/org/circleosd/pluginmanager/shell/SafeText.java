package org.circleosd.pluginmanager.shell;

/**
 * Text of strangers (a manifest, a plugin's log, its results) made fit for a terminal: what would move the cursor,
 * change colours, reorder or hide letters is shown as a number.
 */
final class SafeText {

    private SafeText() {}

    /** Escapes control, format, unassigned and line-breaking characters, also newlines and tabs. */
    static String line(String text) {
        return escape(text, false);
    }

    /** Does the same to everything but newlines and tabs. */
    static String lines(String text) {
        return escape(text, true);
    }

    private static String escape(String text, boolean keepLayout) {
        if (text.codePoints().allMatch(c -> isShown(c, keepLayout))) {
            return text;
        }
        StringBuilder safe = new StringBuilder(text.length() + 16);
        text.codePoints().forEach(c -> {
            if (isShown(c, keepLayout)) {
                safe.appendCodePoint(c);
            } else if (c <= 0xffff) {
                safe.append(String.format("\\u%04x", c));
            } else {
                safe.append(String.format("\\u{%x}", c));
            }
        });
        return safe.toString();
    }

    private static boolean isShown(int c, boolean keepLayout) {
        if (c == '\n' || c == '\t') {
            return keepLayout;
        }
        return switch (Character.getType(c)) {
            case Character.CONTROL,
                    Character.FORMAT,
                    Character.SURROGATE,
                    Character.PRIVATE_USE,
                    Character.UNASSIGNED,
                    Character.LINE_SEPARATOR,
                    Character.PARAGRAPH_SEPARATOR -> false;
            default -> true;
        };
    }
}
