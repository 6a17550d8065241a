package org.circleosd.pluginmanager.nativeloader.process;

import java.time.Duration;

/**
 * What an operator sets for processes of native plugins.
 *
 * @param program {@code auto}, {@code c} or {@code jvm}
 * @param spares workers that are ready before they are needed; not negative
 * @param confinement what if a layer is missing
 * @param firstUser smallest number of the users that the processes of a daemon with root's rights run as
 * @param lastUser largest of these numbers
 * @param limits of a process; its memory is that of its plugins
 * @param restarts when a process that died is begun again
 * @param shutdownBound how long a plugin's own end may take
 */
public record ProcessSettings(
        String program,
        int spares,
        Confinement confinement,
        int firstUser,
        int lastUser,
        WorkerLimits limits,
        RestartPolicy.Settings restarts,
        Duration shutdownBound) {

    /** What if a layer is missing. */
    public enum Confinement {
        /** No plugin runs. */
        REQUIRED,
        /** Plugins run with those that there are. */
        BEST_EFFORT,
        /** There are to be none. */
        OFF
    }
}
