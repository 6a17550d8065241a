package org.circleosd.pluginmanager.worker.wire;

import java.util.Set;
import java.util.function.Predicate;

/** A function of {@code plugin.h} as a bit of a mask. */
public enum AbiSymbol {
    /** {@code plugin_abi}. */
    VERSION("plugin_abi", 1),
    /** {@code plugin_attach}. */
    ATTACH("plugin_attach", 2),
    /** {@code plugin_init}. */
    INIT("plugin_init", 4),
    /** {@code plugin_describe}. */
    DESCRIBE("plugin_describe", 8),
    /** {@code plugin_invoke}. */
    INVOKE("plugin_invoke", 16),
    /** {@code plugin_free}. */
    FREE("plugin_free", 32),
    /** {@code plugin_shutdown}. */
    SHUTDOWN("plugin_shutdown", 64);

    /** Any of these makes a library a plugin of level 1; without them it is one of level 0. */
    public static final Set<AbiSymbol> LEVEL_1 = Set.of(VERSION, ATTACH, DESCRIBE, INVOKE, SHUTDOWN);

    private final String symbol;
    private final int bit;

    AbiSymbol(String symbol, int bit) {
        this.symbol = symbol;
        this.bit = bit;
    }

    /** Returns the name in the library's symbol table. */
    public String symbol() {
        return symbol;
    }

    /** Returns the mask of the functions that pass. */
    public static int mask(Predicate<String> exported) {
        int mask = 0;
        for (AbiSymbol symbol : values()) {
            if (exported.test(symbol.symbol)) {
                mask |= symbol.bit;
            }
        }
        return mask;
    }

    /** Says whether the function is in a mask. */
    public boolean in(int mask) {
        return (mask & bit) != 0;
    }
}
