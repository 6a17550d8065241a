package org.circleosd.pluginmanager.sandbox.wasi.tree;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/** How the host's own work for a guest ends when the call's deadline passes. */
public final class Interruption {

    private Interruption() {}

    /**
     * Ends the guest's call if its thread was interrupted while the host worked for it.
     *
     * @throws PluginException {@link ErrorCode#CANCELLED}; the thread's flag is clear then
     */
    public static void stopIfInterrupted() {
        if (Thread.interrupted()) {
            throw stopped();
        }
    }

    static PluginException stopped() {
        return new PluginException(ErrorCode.CANCELLED, "cancelled");
    }
}
