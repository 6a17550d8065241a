package org.circleosd.pluginmanager.worker.abi;

/**
 * What a plugin gets when it asks for a value.
 *
 * @param code 0, or a negative one of {@link Abi}
 * @param bytes the value; empty if the code is not 0
 */
@SuppressWarnings("ArrayRecordComponent") // handed from one owner to the next, never compared
public record Value(int code, byte[] bytes) {

    private static final byte[] EMPTY = {};

    /** There is no value. */
    public static Value none(int code) {
        return new Value(code, EMPTY);
    }
}
