package org.circleosd.pluginmanager.worker.abi;

import java.nio.charset.StandardCharsets;
import org.circleosd.pluginmanager.worker.wire.ResultStatus;

/**
 * How a call of a plugin's function ended; see {@link org.circleosd.pluginmanager.worker.wire.FrameKind#RESULT}.
 *
 * @param status whether the function returned
 * @param code that it returned; 0 if it did not
 * @param bytes result, or the plugin's message if the code is not 0, or a length as a decimal text
 */
@SuppressWarnings("ArrayRecordComponent") // handed from one owner to the next, never compared
public record CallResult(ResultStatus status, int code, byte[] bytes) {

    private static final byte[] EMPTY = {};

    /** A call that did not return. */
    public static CallResult of(ResultStatus status) {
        return new CallResult(status, Abi.OK, EMPTY);
    }

    /** A call whose result cannot be taken. */
    static CallResult ofLength(ResultStatus status, long length) {
        return new CallResult(status, Abi.OK, Long.toUnsignedString(length).getBytes(StandardCharsets.US_ASCII));
    }

    /** A call that returned. */
    public static CallResult returned(int code, byte[] bytes) {
        return new CallResult(ResultStatus.RETURNED, code, bytes);
    }
}
