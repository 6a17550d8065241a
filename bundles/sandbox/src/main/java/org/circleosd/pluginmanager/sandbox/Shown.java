package org.circleosd.pluginmanager.sandbox;

import static java.nio.charset.StandardCharsets.UTF_8;

/** Bytes of a plugin as people are shown them. */
final class Shown {

    private static final int LONGEST = 200;

    private Shown() {}

    /** Returns text in quotes: shortened, in one line, without control characters. */
    static String text(byte[] bytes) {
        String text =
                new String(bytes, 0, Math.min(bytes.length, LONGEST), UTF_8).replaceAll("[\\p{Cntrl}\\p{Cf}]", "?");
        return "'" + text + (bytes.length > LONGEST ? "...' (" + bytes.length + " bytes)" : "'");
    }
}
