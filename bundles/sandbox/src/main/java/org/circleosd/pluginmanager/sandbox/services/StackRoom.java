package org.circleosd.pluginmanager.sandbox.services;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * Room on the stack for the host's own work. A guest that recurses to the end of the stack and then calls the host would
 * break the host off anywhere, also between taking something and giving it back.
 */
final class StackRoom {

    /** Some 40 kilobytes: many times what a call into the host takes. */
    private static final int FRAMES = 512;

    private StackRoom() {}

    /** Throws {@link ErrorCode#PLUGIN_TRAP} if there is too little. */
    static void check() {
        long reached;
        try {
            reached = descend(FRAMES, 0, 0, 0, 0);
        } catch (StackOverflowError e) {
            throw new PluginException(
                    ErrorCode.PLUGIN_TRAP, "call stack exhausted: no room for a function of the host");
        }
        if (reached != FRAMES) {
            throw new IllegalStateException("descended " + reached + " frames");
        }
    }

    /** Not a loop: the frames are what it is about. */
    private static long descend(int left, long a, long b, long c, long d) {
        return left == 0 ? a : descend(left - 1, a + 1, b + a, c ^ b, d + c) + (d & 0);
    }
}
