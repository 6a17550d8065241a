package org.circleosd.pluginmanager.sandbox.wasi;

/** Unwinds a guest that called {@code proc_exit}. Never leaves the sandbox; carries no stack trace, for it is no fault. */
public final class ProcExit extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final int code;

    public ProcExit(int code) {
        super("exit " + Integer.toUnsignedString(code), null, false, false);
        this.code = code;
    }

    public int code() {
        return code;
    }
}
