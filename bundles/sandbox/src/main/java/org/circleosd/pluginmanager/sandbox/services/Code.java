package org.circleosd.pluginmanager.sandbox.services;

import org.circleosd.pluginmanager.api.PluginException;

/** How a guest sees what went wrong: the numbers of {@code plugins/include/plugin.h}, and two more. */
final class Code {

    static final int OK = 0;
    static final int FAIL = -1;
    static final int NO_FUNCTION = -2;
    static final int BAD_ARGUMENT = -3;
    static final int NO_MEMORY = -4;
    static final int DENIED = -6;
    static final int NOT_FOUND = -7;
    static final int CANCELLED = -8;
    static final int TIMEOUT = -9;
    static final int TRY_AGAIN = -10;

    private Code() {}

    /** Returns how the failure of another plugin's call is told. */
    static int ofCall(PluginException failure) {
        return switch (failure.code()) {
            case FUNCTION_NOT_FOUND -> NO_FUNCTION;
            case BAD_REQUEST -> BAD_ARGUMENT;
            case OUT_OF_MEMORY, TOO_LARGE, LIMIT_EXCEEDED -> NO_MEMORY;
            case CAPABILITY_DENIED, FORBIDDEN -> DENIED;
            case PLUGIN_NOT_FOUND, DEPENDENCY_MISSING -> NOT_FOUND;
            case CANCELLED -> CANCELLED;
            case TIMEOUT -> TIMEOUT;
            case BUSY, UNAVAILABLE, SHUTTING_DOWN -> TRY_AGAIN;
            default -> FAIL;
        };
    }

    /** Returns how a failure of the kept values is told. */
    static int ofValues(PluginException failure) {
        return switch (failure.code()) {
            case BAD_REQUEST -> BAD_ARGUMENT;
            case TOO_LARGE, LIMIT_EXCEEDED -> NO_MEMORY;
            case PLUGIN_NOT_FOUND -> DENIED;
            case BUSY, UNAVAILABLE -> TRY_AGAIN;
            default -> FAIL;
        };
    }
}
