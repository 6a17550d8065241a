package org.circleosd.pluginmanager.worker.linux;

/**
 * How a process ended.
 *
 * @param cause what {@code number} means
 * @param number its exit code, or the signal that ended it
 */
public record Death(Cause cause, int number) {

    /** Why there is a number. */
    public enum Cause {
        /** It returned, or called {@code exit}. */
        EXIT,
        /** A signal ended it. */
        SIGNAL,
        /** The system did not say. */
        UNKNOWN
    }

    @Override
    public String toString() {
        return switch (cause) {
            case EXIT -> "exit " + number;
            case SIGNAL -> "signal " + number;
            case UNKNOWN -> "unknown end";
        };
    }
}
