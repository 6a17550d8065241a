package org.circleosd.pluginmanager.api;

import java.text.Normalizer;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * Name under which a plugin is loaded; unique within one host.
 *
 * @param value 1 to 63 characters: a lower-case letter, then lower-case letters, digits or hyphens
 */
public record PluginId(String value) implements Comparable<PluginId> {

    private static final Pattern SYNTAX = Pattern.compile("[a-z][a-z0-9-]{0,62}");
    private static final int MAX_LENGTH = 63;

    /**
     * Takes a valid id.
     *
     * @throws PluginException {@link ErrorCode#BAD_REQUEST} for any other text
     */
    public PluginId {
        if (!SYNTAX.matcher(value).matches()) {
            throw new PluginException(
                    ErrorCode.BAD_REQUEST,
                    "id '" + value + "' does not match " + SYNTAX
                            + ": a lower-case letter, then up to 62 lower-case letters, digits or hyphens");
        }
    }

    /** Says whether the text is a valid id. */
    public static boolean isValid(String text) {
        return SYNTAX.matcher(text).matches();
    }

    /**
     * Makes an id of a plugin's name: accents are dropped, letters become lower-case, every other run of characters
     * becomes one hyphen. "Word Count 2" becomes {@code word-count-2}.
     *
     * @param name any text
     * @throws PluginException {@link ErrorCode#MANIFEST_INVALID} if nothing of the name can be used
     */
    public static PluginId ofName(String name) {
        String slug = Normalizer.normalize(name, Normalizer.Form.NFD)
                .replaceAll("\\p{M}+", "")
                .toLowerCase(Locale.ROOT)
                .replaceAll("[^a-z0-9]+", "-")
                .replaceAll("^[^a-z]+", "");
        slug = slug.substring(0, Math.min(slug.length(), MAX_LENGTH)).replaceAll("-+$", "");
        if (slug.isEmpty()) {
            throw new PluginException(
                    ErrorCode.MANIFEST_INVALID,
                    "/name: '" + name + "' has no letter a to z that an id could start with; choose another name, "
                            + "or load with \"as\"");
        }
        return new PluginId(slug);
    }

    @Override
    public int compareTo(PluginId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
