package org.circleosd.pluginmanager.sandbox.wasi.tree;

/**
 * What an entry of a folder is.
 *
 * @see <a href="https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#filetype">filetype</a>
 */
public enum FileType {
    /** A device, a pipe, a socket, or a standard stream. */
    OTHER(0),
    FOLDER(3),
    FILE(4),
    LINK(7);

    private final int code;

    FileType(int code) {
        this.code = code;
    }

    /** Returns WASI's number for it. */
    public int code() {
        return code;
    }
}
