package org.circleosd.pluginmanager.sandbox.wasi;

/**
 * The error numbers of WASI preview 1 that we answer with.
 *
 * @see <a href="https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#errno">errno</a>
 */
public final class WasiErrno {

    static final int SUCCESS = 0;
    /** The descriptor is not open, or not for this direction. */
    static final int BADF = 8;
    /** A range lies outside the memory. */
    static final int FAULT = 21;

    static final int INVAL = 28;
    static final int NOSYS = 52;
    /** A path is looked up relative to something that is no directory; no descriptor is one. */
    static final int NOTDIR = 54;

    static final int NOTSOCK = 57;
    static final int NOTSUP = 58;
    /** The standard streams cannot be positioned. */
    static final int SPIPE = 70;
    /** Needs a capability that no plugin has. */
    static final int NOTCAPABLE = 76;

    private WasiErrno() {}
}
