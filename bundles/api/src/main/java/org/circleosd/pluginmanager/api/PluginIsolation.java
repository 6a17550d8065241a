package org.circleosd.pluginmanager.api;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/**
 * Where a native plugin runs: the manifest's {@code isolation}. The wire form is the lower-case name with a hyphen.
 */
public enum PluginIsolation {
    /** In a process of its own, or of its {@linkplain PluginManifest#group group}. The default. */
    PROCESS,
    /** In the daemon's process, without any boundary; only where the operator's configuration allows it too. */
    IN_PROCESS;

    /** Returns the place as manifests write it. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    /** Finds the place of a wire name; empty for any other text. */
    public static Optional<PluginIsolation> ofWireName(String text) {
        return Arrays.stream(values())
                .filter(place -> place.wireName().equals(text))
                .findFirst();
    }
}
