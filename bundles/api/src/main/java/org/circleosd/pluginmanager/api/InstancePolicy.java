package org.circleosd.pluginmanager.api;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How the instances of a wasm plugin live: the manifest's {@code instances}. The wire form is the lower-case name. */
public enum InstancePolicy {
    /** Instances are reused; each call finds the state that initialisation left. The default. */
    POOLED,
    /** One instance whose state lives from call to call; calls come one after the other. */
    STATEFUL,
    /** A new instance for each call. */
    FRESH;

    /** Returns the policy as manifests write it. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Finds the policy of a wire name; empty for any other text. */
    public static Optional<InstancePolicy> ofWireName(String text) {
        return Arrays.stream(values())
                .filter(policy -> policy.wireName().equals(text))
                .findFirst();
    }
}
