package org.circleosd.pluginmanager.state;

/** What was read is not what was written. The message completes "the state file is damaged: ...". */
final class DamagedStateException extends Exception {

    private static final long serialVersionUID = 1L;

    DamagedStateException(String message) {
        super(message);
    }
}
