package org.circleosd.pluginmanager.state;

import java.io.IOException;

/** The disk failed at a point after which what it says cannot be relied on. The message completes "while ...". */
final class UncertainWriteException extends IOException {

    private static final long serialVersionUID = 1L;

    UncertainWriteException(String step, IOException cause) {
        super(step + " (" + Reasons.of(cause) + ")", cause);
    }
}
