package org.circleosd.pluginmanager.api;

import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A version as a plugin's author wrote it, and its place among others. It may be any text. Up to three numbers at its
 * beginning, with or without a {@code v} before them, are compared first; a text without any counts as 0. Of equal
 * numbers, what goes on with a hyphen comes before (1.2.0-beta is earlier than 1.2), and what goes on otherwise comes
 * after (1.2.0.1 is later). What follows a plus is not compared.
 *
 * <p>Two versions that are written differently are not equal, though neither may come before the other: 1.0 and 1.0.0.
 *
 * @param text as the manifest has it
 * @see <a href="https://semver.org/#spec-item-11">the precedence of versions</a>
 */
public record PluginVersion(String text) implements Comparable<PluginVersion> {

    private static final Pattern SYNTAX = Pattern.compile(
            "[vV]?(?<major>[0-9]+)(?:\\.(?<minor>[0-9]+))?(?:\\.(?<patch>[0-9]+))?(?<rest>.*)", Pattern.DOTALL);
    private static final Pattern PARTS = Pattern.compile("[.-]");
    private static final Pattern NUMBER = Pattern.compile("[0-9]+");

    @Override
    public int compareTo(PluginVersion other) {
        Order mine = order();
        Order others = other.order();
        int numbers = mine.compareNumbers(others);
        return numbers != 0 ? numbers : mine.compareRest(others);
    }

    /** Says whether this is a pre-release, as 2.0-beta, of the version that the other one names. */
    boolean isBefore(PluginVersion release) {
        Order mine = order();
        Order others = release.order();
        return mine.isPreRelease() && !others.isPreRelease() && mine.compareNumbers(others) == 0;
    }

    /** Returns the first version that the caret range of this one does not include. */
    PluginVersion afterCompatible() {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            throw new IllegalStateException("'" + text + "' begins without a number");
        }
        Order order = order();
        if (order.major.signum() > 0 || matcher.group("minor") == null) {
            return new PluginVersion(next(order.major).toString());
        }
        if (order.minor.signum() > 0 || matcher.group("patch") == null) {
            return new PluginVersion("0." + next(order.minor));
        }
        return new PluginVersion("0.0." + next(order.patch));
    }

    private static BigInteger next(BigInteger number) {
        return number.add(BigInteger.ONE);
    }

    private Order order() {
        Matcher matcher = SYNTAX.matcher(text.strip());
        if (!matcher.matches()) {
            return new Order(BigInteger.ZERO, BigInteger.ZERO, BigInteger.ZERO, "");
        }
        String rest = matcher.group("rest");
        int plus = rest.indexOf('+');
        return new Order(
                number(matcher, "major"),
                number(matcher, "minor"),
                number(matcher, "patch"),
                plus < 0 ? rest : rest.substring(0, plus));
    }

    private static BigInteger number(Matcher matcher, String group) {
        String digits = matcher.group(group);
        return digits == null ? BigInteger.ZERO : new BigInteger(digits);
    }

    @Override
    public String toString() {
        return text;
    }

    /** What is compared. */
    private record Order(BigInteger major, BigInteger minor, BigInteger patch, String rest) {

        boolean isPreRelease() {
            return rest.startsWith("-");
        }

        int compareNumbers(Order other) {
            int order = major.compareTo(other.major);
            order = order != 0 ? order : minor.compareTo(other.minor);
            return order != 0 ? order : patch.compareTo(other.patch);
        }

        int compareRest(Order other) {
            int order = Integer.compare(rank(), other.rank());
            return order != 0 || rest.isEmpty() ? order : compareParts(PARTS.split(rest), PARTS.split(other.rest));
        }

        private int rank() {
            return rest.isEmpty() ? 0 : isPreRelease() ? -1 : 1;
        }

        private static int compareParts(String[] mine, String[] others) {
            for (int i = 0; i < Math.min(mine.length, others.length); i++) {
                int order = comparePart(mine[i], others[i]);
                if (order != 0) {
                    return order;
                }
            }
            return Integer.compare(mine.length, others.length);
        }

        /** Numbers by their value, and before words. */
        private static int comparePart(String mine, String other) {
            boolean isNumber = NUMBER.matcher(mine).matches();
            boolean isOtherNumber = NUMBER.matcher(other).matches();
            if (isNumber && isOtherNumber) {
                return new BigInteger(mine).compareTo(new BigInteger(other));
            }
            return isNumber == isOtherNumber ? mine.compareTo(other) : isNumber ? -1 : 1;
        }
    }
}
