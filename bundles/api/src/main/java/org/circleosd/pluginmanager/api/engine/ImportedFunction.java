package org.circleosd.pluginmanager.api.engine;

/**
 * A function that the host gives to a module's import.
 *
 * @param module first part of its name
 * @param name second part of its name
 * @param type its parameters and results; must equal what the module declares
 * @param body what it does
 */
public record ImportedFunction(String module, String name, WasmFunctionType type, Body body) {

    /** What an imported function does. */
    @FunctionalInterface
    public interface Body {

        /**
         * Runs on the thread that runs the guest.
         *
         * @param memory the calling instance's first memory; an instance without one gets an empty memory
         * @param args one {@code long} a parameter; must not be kept
         * @return the result; ignored if the type has none. Functions of the host have at most one result
         */
        long call(GuestMemory memory, long[] args);
    }
}
