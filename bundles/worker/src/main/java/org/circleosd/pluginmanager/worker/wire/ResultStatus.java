package org.circleosd.pluginmanager.worker.wire;

/** How a call ended. */
public enum ResultStatus {
    /** The function returned. */
    RETURNED(0),
    /** It returned a result above its limit; the bytes are its length as a decimal text. */
    TOO_LARGE(1),
    /** It returned a length without a pointer; the bytes are the length as a decimal text. */
    NO_POINTER(2),
    /** There is no such function. */
    NO_FUNCTION(3),
    /** The worker has no memory left for the call. */
    NO_MEMORY(4);

    private final int number;

    ResultStatus(int number) {
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
    public static ResultStatus of(int number) throws BrokenFrameException {
        for (ResultStatus one : values()) {
            if (one.number == number) {
                return one;
            }
        }
        throw new BrokenFrameException("ResultStatus " + Integer.toUnsignedString(number) + " is unknown");
    }
}
