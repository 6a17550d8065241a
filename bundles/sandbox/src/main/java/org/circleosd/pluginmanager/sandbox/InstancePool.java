package org.circleosd.pluginmanager.sandbox;

import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/** Lends guests to calls, so that one thread at a time runs each. Thread-safe. */
interface InstancePool extends AutoCloseable {

    /**
     * Lends a guest; runs its initialisation if it has to be made.
     *
     * @return a guest that the caller gives back
     * @throws PluginException {@link ErrorCode#CANCELLED} if the calling thread is interrupted while it waits,
     *     {@link ErrorCode#UNAVAILABLE} after {@link #close}, or what the initialisation throws
     */
    Guest take();

    /**
     * Takes a guest back.
     *
     * @param intact false if its call did not end well: nobody knows what state it is in
     */
    void giveBack(Guest guest, boolean intact);

    /** Returns how many guests can be lent at once. */
    default int concurrency() {
        return Integer.MAX_VALUE;
    }

    /** Drops the guests that are not lent, and those that are when they come back. */
    @Override
    void close();

    /** What a call on a closed pool gets. */
    static PluginException closed() {
        return new PluginException(ErrorCode.UNAVAILABLE, "the plugin is being unloaded or moved; try again");
    }
}
