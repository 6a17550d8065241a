package org.circleosd.pluginmanager.worker;

import org.circleosd.pluginmanager.worker.wire.AbiSymbol;

/**
 * What the daemon found in a library's file.
 *
 * @param mask which functions of the ABI it exports itself
 */
record Exports(int mask) {

    /** Says whether a function may be looked up; the daemon asks for no other function than the library has. */
    boolean mayHave(String function) {
        for (AbiSymbol symbol : AbiSymbol.values()) {
            if (symbol.symbol().equals(function)) {
                return symbol.in(mask);
            }
        }
        return true;
    }

    /** Returns 1 if the library knows more of the ABI than the init function, else 0. */
    int level() {
        return AbiSymbol.LEVEL_1.stream().anyMatch(symbol -> symbol.in(mask)) ? 1 : 0;
    }
}
