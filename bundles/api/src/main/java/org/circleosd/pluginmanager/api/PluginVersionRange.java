package org.circleosd.pluginmanager.api;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The versions of a plugin that another one works with. {@code 1.2} is that version or a later one; {@code [1.2,2.0)} is
 * an OSGi range, with {@code [} and {@code ]} for a bound that belongs to it; {@code ^1.2.3} is that version or a later
 * one up to the next that may break its users: 2.0.0, and for {@code ^0.2.3} 0.3.0, for {@code ^0.0.3} 0.0.4.
 *
 * <p>A pre-release of a bound that does not belong to the range does not either: 2.0-beta is not in {@code [1.2,2.0)}.
 *
 * @param text as the manifest has it
 * @see <a href="https://docs.osgi.org/specification/osgi.core/8.0.0/framework.module.html#i3189032">OSGi version
 *     range</a>
 */
public record PluginVersionRange(String text) {

    private static final String VERSION =
            "[0-9]{1,9}(?:\\.[0-9]{1,9}(?:\\.[0-9]{1,9}(?:[.-][A-Za-z0-9_-]{1,64}(?:\\.[A-Za-z0-9_-]{1,64})*)?)?)?";
    private static final Pattern SYNTAX = Pattern.compile(
            "(?<from>[\\^]?V)|(?<open>[\\[(])(?<low>V),(?<high>V)(?<close>[\\])])".replace("V", VERSION));

    /**
     * Takes a range that some version is in.
     *
     * @throws PluginException {@link ErrorCode#MANIFEST_INVALID} for any other text
     */
    public PluginVersionRange {
        Bounds bounds = bounds(text);
        if (bounds == null) {
            throw new PluginException(
                    ErrorCode.MANIFEST_INVALID,
                    "version range '" + text + "'; expected one as '1.2' (that or later), '[1.2,2.0)' or '^1.2'");
        }
        if (bounds.isEmpty()) {
            throw new PluginException(
                    ErrorCode.MANIFEST_INVALID, "version range '" + text + "'; expected one that a version is in");
        }
    }

    /** Says whether the text has the form of a range. It may still be one that no version is in. */
    public static boolean isWellFormed(String text) {
        return SYNTAX.matcher(text).matches();
    }

    /** Says whether a version is in the range. */
    public boolean includes(PluginVersion version) {
        Bounds bounds = bounds(text);
        return bounds != null && bounds.include(version);
    }

    @Override
    public String toString() {
        return text;
    }

    private static @Nullable Bounds bounds(String text) {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            return null;
        }
        String from = matcher.group("from");
        if (from == null) {
            return new Bounds(
                    new PluginVersion(matcher.group("low")),
                    matcher.group("open").equals("["),
                    new PluginVersion(matcher.group("high")),
                    matcher.group("close").equals("]"));
        }
        if (from.startsWith("^")) {
            PluginVersion least = new PluginVersion(from.substring(1));
            return new Bounds(least, true, least.afterCompatible(), false);
        }
        return new Bounds(new PluginVersion(from), true, null, false);
    }

    /**
     * Where a range begins and ends.
     *
     * @param to null: it has no end
     */
    private record Bounds(
            PluginVersion from, boolean isFromIn, @Nullable PluginVersion to, boolean isToIn) {

        boolean isEmpty() {
            if (to == null) {
                return false;
            }
            int order = from.compareTo(to);
            return order > 0 || (order == 0 && !(isFromIn && isToIn));
        }

        boolean include(PluginVersion version) {
            int low = version.compareTo(from);
            if (low < 0 || (low == 0 && !isFromIn)) {
                return false;
            }
            if (to == null) {
                return true;
            }
            int high = version.compareTo(to);
            return high < 0 ? isToIn || !version.isBefore(to) : high == 0 && isToIn;
        }
    }
}
