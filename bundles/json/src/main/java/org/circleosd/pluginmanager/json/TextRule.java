package org.circleosd.pluginmanager.json;

import static java.util.stream.Collectors.joining;

import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * What a text may be. The JSON Schemas in {@code docs} say the same of each member.
 *
 * @param least fewest characters, in Unicode code points
 * @param most most characters, in Unicode code points
 * @param hiddenAllowed whether control characters and those that turn the text's direction are allowed
 * @param syntax of the whole text
 * @param expected the rule for people, as {@code 'wasm' or 'native'}
 */
public record TextRule(int least, int most, boolean hiddenAllowed, Pattern syntax, String expected) {

    private static final Pattern ANY = Pattern.compile(".*", Pattern.DOTALL);

    /** A line that may be shown: no control characters, nothing that turns its direction. */
    public static TextRule line(int least, int most) {
        return new TextRule(
                least,
                most,
                false,
                ANY,
                "a string of " + least + " to " + most + " characters, none a control character");
    }

    /** Any text up to a length. */
    public static TextRule any(int most) {
        return new TextRule(0, most, true, ANY, "a string of up to " + most + " characters");
    }

    /** A text of a syntax. */
    public static TextRule matching(String syntax, String expected) {
        return new TextRule(0, Integer.MAX_VALUE, true, Pattern.compile(syntax), expected);
    }

    /** One of several words. */
    public static TextRule oneOf(String... words) {
        String syntax = Arrays.stream(words).map(Pattern::quote).collect(joining("|"));
        return matching(syntax, Arrays.stream(words).map(Shown::quoted).collect(joining(" or ")));
    }

    public boolean allows(String text) {
        int length = text.codePointCount(0, text.length());
        return length >= least
                && length <= most
                && (hiddenAllowed || text.codePoints().noneMatch(Shown::isHidden))
                && syntax.matcher(text).matches();
    }
}
