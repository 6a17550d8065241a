package org.circleosd.pluginmanager.api;

import java.util.Locale;

/**
 * How far an engine is with a plugin's code.
 *
 * @param engine name and version, as {@code chicory 1.7.5}
 * @param mode what runs
 * @param compiled functions that are compiled; 0 to {@code of}
 * @param of functions that the plugin has
 */
public record EngineStatus(String engine, Mode mode, int compiled, int of) {

    /** What runs. The wire form is the lower-case name. */
    public enum Mode {
        /** The code is being compiled; calls wait for it. */
        COMPILING,
        /** All functions are compiled. */
        COMPILED,
        /** Some functions are too large to be compiled and are interpreted. */
        MIXED,
        /** The code could not be made ready; calls say why. */
        FAILED;

        /** Returns the mode as clients see it. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
