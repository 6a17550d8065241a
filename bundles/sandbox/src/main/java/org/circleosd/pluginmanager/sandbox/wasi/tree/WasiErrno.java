package org.circleosd.pluginmanager.sandbox.wasi.tree;

/**
 * The error numbers of WASI preview 1 that we answer with.
 *
 * @see <a href="https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#errno">errno</a>
 */
public final class WasiErrno {

    public static final int SUCCESS = 0;
    /** The host does not let the daemon do this, or the entry is a device, a pipe or a socket. */
    public static final int ACCES = 2;
    /** The descriptor is not open, or not for this direction. */
    public static final int BADF = 8;
    /** Renaming or removing what a descriptor stands for. */
    public static final int BUSY = 10;
    /** The folder's quota is used up. */
    public static final int DQUOT = 19;

    public static final int EXIST = 20;
    /** A range lies outside the memory. */
    public static final int FAULT = 21;

    public static final int FBIG = 22;
    /** A text is not UTF-8. */
    public static final int ILSEQ = 25;

    public static final int INVAL = 28;
    public static final int IO = 29;
    public static final int ISDIR = 31;
    /** Too many symbolic links, or one that was not to be followed. */
    public static final int LOOP = 32;
    /** The guest has too many descriptors. */
    public static final int MFILE = 33;

    public static final int NAMETOOLONG = 37;
    /** The daemon has too many files open. */
    public static final int NFILE = 41;

    public static final int NOENT = 44;
    /** The host's disk is full, or what all folders in memory may take together is used up. */
    public static final int NOSPC = 51;

    public static final int NOSYS = 52;
    public static final int NOTDIR = 54;
    public static final int NOTEMPTY = 55;
    public static final int NOTSOCK = 57;
    public static final int NOTSUP = 58;
    /** A folder has more entries than can be listed. */
    public static final int OVERFLOW = 61;
    /** The path would leave its folder. */
    public static final int PERM = 63;
    /** The folder is granted for reading only. */
    public static final int ROFS = 69;
    /** The standard streams cannot be positioned. */
    public static final int SPIPE = 70;
    /** The two names are in different folders of the grants, or on different disks. */
    public static final int XDEV = 75;
    /** The descriptor does not have the right. */
    public static final int NOTCAPABLE = 76;

    static final int LAST = NOTCAPABLE;

    private WasiErrno() {}
}
