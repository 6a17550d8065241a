package org.circleosd.pluginmanager.nativeloader;

import java.util.List;

/** The native plugin ABI of {@code plugin.h}: names, numbers and codes. */
final class Abi {

    static final int MAJOR = 1;
    static final int MINOR = 0;

    static final String VERSION_OF = "plugin_abi";
    static final String ATTACH = "plugin_attach";
    static final String INIT = "plugin_init";
    static final String DESCRIBE = "plugin_describe";
    static final String INVOKE = "plugin_invoke";
    static final String FREE = "plugin_free";
    static final String SHUTDOWN = "plugin_shutdown";

    /** Any of these makes a library a plugin of level 1; without them it is the seed form, level 0. */
    static final List<String> LEVEL_1 = List.of(VERSION_OF, ATTACH, DESCRIBE, INVOKE, SHUTDOWN);

    static final int OK = 0;
    static final int FAIL = -1;
    static final int NO_FUNCTION = -2;
    static final int BAD_ARGUMENT = -3;
    static final int NO_MEMORY = -4;
    static final int WRONG_ABI = -5;
    static final int DENIED = -6;
    static final int NOT_FOUND = -7;
    static final int CANCELLED = -8;

    private Abi() {}

    /** Shows a result code for a message: its number and, for a code of the ABI, its name. */
    static String shown(int code) {
        return switch (code) {
            case FAIL -> "-1 (failed)";
            case NO_FUNCTION -> "-2 (no such function)";
            case BAD_ARGUMENT -> "-3 (bad argument)";
            case NO_MEMORY -> "-4 (out of memory)";
            case WRONG_ABI -> "-5 (ABI not supported)";
            case DENIED -> "-6 (denied)";
            case NOT_FOUND -> "-7 (not found)";
            case CANCELLED -> "-8 (cancelled)";
            default -> Integer.toString(code);
        };
    }
}
