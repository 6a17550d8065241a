package org.circleosd.pluginmanager.nativeloader.process;

import java.util.List;

/**
 * How a worker came to its end.
 *
 * @param ours whether the daemon ended it
 * @param reason for people, as {@code signal 11 in libfoo.so}
 * @param lastLines what it printed last
 */
record WorkerEnd(boolean ours, String reason, List<String> lastLines) {

    /** The worker is dead. */
    static final class DiedException extends Exception {

        private static final long serialVersionUID = 1;

        private final transient WorkerEnd end;
        private final boolean taken;

        /** @param taken whether the worker may have begun with the request */
        DiedException(WorkerEnd end, boolean taken) {
            super("worker died: " + end.reason(), null, false, false);
            this.end = end;
            this.taken = taken;
        }

        WorkerEnd end() {
            return end;
        }

        boolean taken() {
            return taken;
        }
    }
}
