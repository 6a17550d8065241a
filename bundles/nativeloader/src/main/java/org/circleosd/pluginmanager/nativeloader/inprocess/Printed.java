package org.circleosd.pluginmanager.nativeloader.inprocess;

/** Takes what one call of a plugin prints. {@link StdoutCapture} calls one method at a time. */
interface Printed {

    /**
     * Says whether the call is past its deadline.
     *
     * @param now {@link System#nanoTime}
     */
    boolean isLate(long now);

    /**
     * Takes bytes.
     *
     * @param shared several plugins run at once: nobody can tell whose they are
     */
    void add(byte[] bytes, int count, boolean shared);

    /** Notes that nothing follows. */
    void finish();
}
