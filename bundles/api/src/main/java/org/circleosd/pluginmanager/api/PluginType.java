package org.circleosd.pluginmanager.api;

import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a plugin file is made of. The wire form is the lower-case name. */
public enum PluginType {
    /** A WebAssembly module. */
    WASM,
    /** A native library of this machine. */
    NATIVE;

    /** Returns the type as manifests and clients write it. */
    public String wireName() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** Finds the type of a wire name; empty for any other text. */
    public static Optional<PluginType> ofWireName(String text) {
        return Arrays.stream(values())
                .filter(type -> type.wireName().equals(text))
                .findFirst();
    }
}
