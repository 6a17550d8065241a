package org.circleosd.pluginmanager.shell;

import org.jspecify.annotations.Nullable;

/** One attached client's gogo session, in one of two modes. */
interface Session {

    /**
     * Works until the session has ended; on a thread of its own.
     *
     * @return the frame that ends the conversation; null if nothing is left to say
     */
    @Nullable
    Frame run() throws Exception;

    /** Takes a frame from the client; on the thread that reads. */
    void received(Frame frame) throws Exception;

    /** The client is gone: interrupts what runs and ends. */
    void hangUp();

    /**
     * Ends the session as soon as no command runs, without interrupting one.
     *
     * @param replaced whether there will be another shell in a moment; else the daemon stops
     * @return whether no command runs
     */
    boolean leave(boolean replaced);
}
