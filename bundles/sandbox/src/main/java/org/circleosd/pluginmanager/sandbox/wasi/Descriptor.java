package org.circleosd.pluginmanager.sandbox.wasi;

import org.circleosd.pluginmanager.sandbox.wasi.tree.FileType;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFailure;
import org.circleosd.pluginmanager.sandbox.wasi.tree.WasiErrno;
import org.jspecify.annotations.Nullable;

/** A number of the guest: what it stands for, what it may be used for, and how. */
final class Descriptor {

    static final int APPEND = 1;
    static final int DSYNC = 1 << 1;
    static final int RSYNC = 1 << 3;
    static final int SYNC = 1 << 4;
    /** These and non-blocking, which changes nothing here. */
    private static final int FLAGS = 0x1f;

    private final Opened opened;
    private final boolean readOnly;
    private final @Nullable String preopened;
    private long base;
    private long inheriting;
    private int flags;

    /**
     * Makes a descriptor without flags.
     *
     * @param readOnly whether it is of a folder that is granted for reading only
     * @param preopened the path under which the guest finds a granted folder; null if it is none
     */
    Descriptor(Opened opened, boolean readOnly, @Nullable String preopened, long base, long inheriting) {
        this.opened = opened;
        this.readOnly = readOnly;
        this.preopened = preopened;
        this.base = base;
        this.inheriting = inheriting;
    }

    Opened opened() {
        return opened;
    }

    boolean readOnly() {
        return readOnly;
    }

    @Nullable
    String preopened() {
        return preopened;
    }

    FileType type() {
        if (opened instanceof OpenFile) {
            return FileType.FILE;
        }
        return opened instanceof OpenFolder ? FileType.FOLDER : FileType.OTHER;
    }

    long base() {
        return base;
    }

    long inheriting() {
        return inheriting;
    }

    int flags() {
        return flags;
    }

    boolean has(int flag) {
        return (flags & flag) != 0;
    }

    void setFlags(int newFlags) {
        if ((newFlags & ~FLAGS) != 0) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        flags = newFlags;
    }

    /** Takes rights away; fails with {@link WasiErrno#NOTCAPABLE} if one would be new. */
    void setRights(long newBase, long newInheriting) {
        if ((newBase & ~base) != 0 || (newInheriting & ~inheriting) != 0) {
            throw TreeFailure.of(WasiErrno.NOTCAPABLE);
        }
        base = newBase;
        inheriting = newInheriting;
    }

    /** Checks that it has one of some rights. */
    Descriptor need(long rights) {
        if ((base & rights) == 0) {
            boolean change = (rights & WasiRights.CHANGING) != 0;
            throw TreeFailure.of(readOnly && change ? WasiErrno.ROFS : WasiErrno.NOTCAPABLE);
        }
        return this;
    }

    /** Checks the right to read or to write, as POSIX has it: without it the descriptor is not open for that. */
    Descriptor needDirection(long right) {
        if (!(opened instanceof OpenFolder) && (base & right) == 0) {
            throw TreeFailure.of(WasiErrno.BADF);
        }
        return this;
    }

    /** Returns the folder; fails with {@link WasiErrno#NOTDIR} if it is none. */
    OpenFolder folder() {
        if (opened instanceof OpenFolder folder) {
            return folder;
        }
        throw TreeFailure.of(WasiErrno.NOTDIR);
    }

    /** Returns the file; fails with {@link WasiErrno#SPIPE} for a stream and {@link WasiErrno#ISDIR} for a folder. */
    OpenFile file() {
        if (opened instanceof OpenFile file) {
            return file;
        }
        throw TreeFailure.of(opened instanceof OpenFolder ? WasiErrno.ISDIR : WasiErrno.SPIPE);
    }
}
