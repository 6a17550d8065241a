package org.circleosd.pluginmanager.json;

/** What the texts of capabilities may be: a manifest asks in the same words in which the operator grants. */
public final class CapabilityTexts {

    /** Most folders, variables, hosts or plugins in one list. */
    public static final int MAX_ITEMS = 100;
    /** Largest quota, in bytes. */
    public static final long MAX_QUOTA_BYTES = 1L << 40;

    public static final TextRule FOLDER =
            TextRule.matching("[a-z][a-z0-9_-]{0,62}", "a logical folder name, as 'data'; never a path of the host");
    public static final TextRule ACCESS = TextRule.oneOf("ro", "rw");
    public static final TextRule VARIABLE =
            TextRule.matching("[A-Za-z_][A-Za-z0-9_]{0,127}", "the name of an environment variable");
    public static final TextRule ADDRESS = TextRule.matching(
            "[A-Za-z0-9*]([A-Za-z0-9.*-]{0,251}[A-Za-z0-9*])?(:[1-9][0-9]{0,4})?",
            "'host' or 'host:port', as 'api.example.com:443'; a * stands for any characters");
    public static final TextRule PLUGIN = TextRule.matching(
            "[a-z][a-z0-9-]{0,62}", "an id: a lower-case letter, then up to 62 lower-case letters, digits or hyphens");

    private CapabilityTexts() {}
}
