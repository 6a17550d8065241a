package org.circleosd.pluginmanager.trust;

/**
 * A pattern in which {@code *} stands for any characters, also none. Matching takes at most pattern times text steps:
 * a plugin chooses some of the patterns.
 */
record Glob(String pattern) {

    boolean matches(String text) {
        int at = 0;
        int in = 0;
        int star = -1;
        int resume = 0;
        while (in < text.length()) {
            if (at < pattern.length() && pattern.charAt(at) == '*') {
                star = at++;
                resume = in;
            } else if (at < pattern.length() && pattern.charAt(at) == text.charAt(in)) {
                at++;
                in++;
            } else if (star >= 0) {
                // The last star takes one character more.
                at = star + 1;
                in = ++resume;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }

    /** Says whether every text that the other one matches is matched by this one too. */
    boolean covers(Glob other) {
        // A star of the other one can only be taken by one of ours, and then so can whatever it stands for.
        return matches(other.pattern);
    }
}
