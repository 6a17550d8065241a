package org.circleosd.pluginmanager.deploy;

import java.util.Locale;

/**
 * Why a jar is not what runs at a start.
 *
 * @param standing how far it came
 * @param bundle symbolic name of the bundle that it would be
 * @param reason what was wrong with it, in one line; empty while nothing is known
 */
record Withheld(Standing standing, String bundle, String reason) {

    /** How far a jar came. The launcher starts none of them. */
    enum Standing {
        /** It is being tried. Found at a start: the daemon ended meanwhile, which may not be the jar's fault. */
        TRIED,
        /** It is being tried after the daemon ended during a first try. */
        TRIED_AGAIN,
        /** A new bundle that has not come up yet: what it needs may come. */
        WAITING,
        /** It did not come up, and the jar before it runs again. */
        BAD,
        /** It was bad, and its file is gone; should it come again, it is tried again. */
        GONE
    }

    /** Makes the reason one line. */
    Withheld {
        reason = reason.replaceAll("\\s*\\R\\s*", " ").strip();
    }

    /**
     * Reads a line of the record.
     *
     * @throws IllegalArgumentException if it is none
     */
    static Withheld parse(String line) {
        String[] words = line.split(" ", 3);
        if (words.length != 3) {
            throw new IllegalArgumentException("not a standing, a bundle and a reason: " + line);
        }
        return new Withheld(Standing.valueOf(words[0].toUpperCase(Locale.ROOT)), words[1], words[2]);
    }

    /** Returns the line of the record. */
    String format() {
        return standing.name().toLowerCase(Locale.ROOT) + " " + bundle + " " + reason;
    }
}
