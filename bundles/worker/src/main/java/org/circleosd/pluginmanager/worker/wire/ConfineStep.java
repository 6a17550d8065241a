package org.circleosd.pluginmanager.worker.wire;

/** What {@link FrameKind#CONFINE} asks for, one by one. */
public enum ConfineStep {
    /** Another user and group, and no other groups. */
    USER(1),
    /** The parent-death signal. */
    PARENT_DEATH(2),
    /** No memory that is writable and executable. */
    EXACT_MEMORY(3),
    /** The seccomp filter, on all threads. */
    FILTER(4);

    private final int number;

    ConfineStep(int number) {
        this.number = number;
    }

    /** Returns the number in the frame. */
    public int number() {
        return number;
    }

    /**
     * Finds what a number stands for.
     *
     * @throws BrokenFrameException if it stands for nothing
     */
    public static ConfineStep of(int number) throws BrokenFrameException {
        for (ConfineStep one : values()) {
            if (one.number == number) {
                return one;
            }
        }
        throw new BrokenFrameException("ConfineStep " + Integer.toUnsignedString(number) + " is unknown");
    }
}
