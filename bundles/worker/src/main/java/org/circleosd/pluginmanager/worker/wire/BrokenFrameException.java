package org.circleosd.pluginmanager.worker.wire;

import java.io.IOException;
import java.io.Serial;

/** What came through the pipe is not what was agreed. */
public final class BrokenFrameException extends IOException {

    @Serial
    private static final long serialVersionUID = 1;

    /** @param message what came and what was expected */
    public BrokenFrameException(String message) {
        super(message);
    }
}
