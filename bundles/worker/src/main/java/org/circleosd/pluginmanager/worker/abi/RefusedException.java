package org.circleosd.pluginmanager.worker.abi;

import java.io.Serial;
import org.circleosd.pluginmanager.worker.wire.LoadStage;

/** A library cannot be a plugin. */
public final class RefusedException extends Exception {

    @Serial
    private static final long serialVersionUID = 1;

    private final LoadStage stage;
    private final int code;

    /**
     * Tells why.
     *
     * @param stage where loading ended
     * @param code as the stage has it; 0 if it has none
     * @param message of the system's loader, with the path as it was opened; or empty
     */
    public RefusedException(LoadStage stage, int code, String message) {
        super(message, null, false, false);
        this.stage = stage;
        this.code = code;
    }

    /** Returns where loading ended. */
    public LoadStage stage() {
        return stage;
    }

    /** Returns what the library answered. */
    public int code() {
        return code;
    }

    /** Returns what the system's loader said; may be empty. */
    public String text() {
        String message = getMessage();
        return message == null ? "" : message;
    }
}
