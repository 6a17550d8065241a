package org.circleosd.pluginmanager.socket;

/** Why the daemon cannot listen, in one line that also says what to do. */
final class CannotListenException extends Exception {

    private static final long serialVersionUID = 1L;

    CannotListenException(String reason) {
        super(reason);
    }
}
