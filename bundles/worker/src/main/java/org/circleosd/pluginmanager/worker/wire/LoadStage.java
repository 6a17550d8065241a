package org.circleosd.pluginmanager.worker.wire;

/** Where loading a library ended. */
public enum LoadStage {
    /** The system's loader refused it; the message is the loader's. */
    OPEN(1),
    /** {@code plugin_abi} has another major version; the code is what it returned. */
    VERSION(2),
    /** {@code plugin_attach} returned the code. */
    ATTACH(3),
    /** There is no function of the entry's name. */
    ENTRY(4);

    private final int number;

    LoadStage(int number) {
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
    public static LoadStage of(int number) throws BrokenFrameException {
        for (LoadStage one : values()) {
            if (one.number == number) {
                return one;
            }
        }
        throw new BrokenFrameException("LoadStage " + Integer.toUnsignedString(number) + " is unknown");
    }
}
