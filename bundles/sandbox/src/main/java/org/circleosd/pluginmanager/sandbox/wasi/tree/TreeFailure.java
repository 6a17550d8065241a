package org.circleosd.pluginmanager.sandbox.wasi.tree;

/** Ends a function of WASI with an error number for the guest. It is an answer: it has no stack trace. */
public final class TreeFailure extends RuntimeException {

    private static final long serialVersionUID = 1L;
    private static final TreeFailure[] ALL = new TreeFailure[WasiErrno.LAST + 1];

    static {
        for (int errno = 0; errno < ALL.length; errno++) {
            ALL[errno] = new TreeFailure(errno);
        }
    }

    private final int errno;

    private TreeFailure(int errno) {
        super("errno " + errno, null, false, false);
        this.errno = errno;
    }

    /** Returns the failure of a {@link WasiErrno}. */
    public static TreeFailure of(int errno) {
        return ALL[errno];
    }

    /** Returns a {@link WasiErrno}. */
    public int errno() {
        return errno;
    }
}
