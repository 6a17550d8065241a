package org.circleosd.pluginmanager.shell;

/** One attached client's gogo session, in one of two modes. */
interface Session {

    /** Works until the session has ended; on a thread of its own. */
    void run() throws Exception;

    /** Takes a frame from the client; on the thread that reads. */
    void received(Frame frame) throws Exception;

    /** The client is gone: interrupts what runs and ends. */
    void hangUp();

    /**
     * Ends the session as soon as no command runs, without interrupting one.
     *
     * @return whether none runs
     */
    boolean leave();
}
