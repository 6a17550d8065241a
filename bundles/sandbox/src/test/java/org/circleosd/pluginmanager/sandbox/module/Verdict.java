package org.circleosd.pluginmanager.sandbox.module;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/** What the module check says of a module, in the terms of a comparison with another validator. */
enum Verdict {
    VALID,
    INVALID,
    /** Valid or not: it uses what this host does not run. */
    UNSUPPORTED,
    /** Valid or not: it goes beyond a limit. */
    BEYOND_A_LIMIT;

    static Verdict of(byte[] module) {
        try {
            ModuleCheck.check(module);
            return VALID;
        } catch (PluginException e) {
            if (e.code() == ErrorCode.LIMIT_EXCEEDED) {
                return BEYOND_A_LIMIT;
            }
            boolean unsupported =
                    e.code() == ErrorCode.INCOMPATIBLE || e.getMessage().contains("which this host does not run");
            return unsupported ? UNSUPPORTED : INVALID;
        }
    }

    /** Says whether this is right for a module that another validator accepts or not. */
    boolean agreesWith(boolean accepted) {
        return switch (this) {
            case VALID -> accepted;
            case INVALID -> !accepted;
            case UNSUPPORTED, BEYOND_A_LIMIT -> true;
        };
    }
}
