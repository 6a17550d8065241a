package org.circleosd.pluginmanager.engine.chicory.store;

import java.io.IOException;

/** Bytes that are not what was stored; the message says in what. */
public final class DamagedEntryException extends IOException {

    private static final long serialVersionUID = 1L;

    DamagedEntryException(String message) {
        super(message);
    }
}
