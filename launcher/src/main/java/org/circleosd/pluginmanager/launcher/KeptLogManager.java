package org.circleosd.pluginmanager.launcher;

import java.util.logging.LogManager;

/** Logs to the end: the JDK's own shutdown hook would drop what is logged while the daemon stops. */
public final class KeptLogManager extends LogManager {

    private volatile boolean kept;

    /** Made by {@code java.util.logging} itself, which wants it public. */
    public KeptLogManager() {}

    /** From now on no handler is removed. */
    void keep() {
        kept = true;
    }

    @Override
    public void reset() {
        if (!kept) {
            super.reset();
        }
    }
}
