package org.circleosd.pluginmanager.sandbox;

/** Unwinds a guest that called {@code proc_exit}. Never leaves the sandbox; carries no stack trace, for it is no fault. */
final class ProcExit extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int code;

    ProcExit(int code) {
        super("exit " + Integer.toUnsignedString(code), null, false, false);
        this.code = code;
    }

    int code() {
        return code;
    }
}
