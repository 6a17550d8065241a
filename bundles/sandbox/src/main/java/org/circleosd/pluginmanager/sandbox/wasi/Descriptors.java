package org.circleosd.pluginmanager.sandbox.wasi;

import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFailure;
import org.circleosd.pluginmanager.sandbox.wasi.tree.WasiErrno;
import org.jspecify.annotations.Nullable;

/** A guest's descriptors by their numbers. */
final class Descriptors {

    /** Most descriptors, the standard streams and the granted folders among them. */
    static final int MAX = 64;
    /** Most names of entries that are kept for listings: a folder with more cannot be listed. */
    private static final int MAX_LISTED = 1 << 16;

    private static final Logger LOG = System.getLogger(Descriptors.class.getName());

    private final @Nullable Descriptor[] table = new @Nullable Descriptor[MAX];

    /** Returns an open descriptor; fails with {@link WasiErrno#BADF} if there is none. */
    Descriptor get(int fd) {
        Descriptor found = fd >= 0 && fd < MAX ? table[fd] : null;
        if (found == null) {
            throw TreeFailure.of(WasiErrno.BADF);
        }
        return found;
    }

    boolean isOpen(int fd) {
        return fd >= 0 && fd < MAX && table[fd] != null;
    }

    /** Fails with {@link WasiErrno#MFILE} if no number is free: asked before anything is opened. */
    void checkRoom() {
        freeNumber();
    }

    /** Gives a descriptor the lowest free number. */
    int add(Descriptor added) {
        int number = freeNumber();
        table[number] = added;
        return number;
    }

    /** Gives a descriptor a number that is free. */
    void put(int fd, Descriptor added) {
        table[fd] = added;
    }

    void close(int fd) {
        Descriptor closed = get(fd);
        table[fd] = null;
        closed.opened().close();
    }

    /** Moves a descriptor over another one, which is closed. */
    void renumber(int from, int to) {
        Descriptor moved = get(from);
        Descriptor replaced = get(to);
        if (from == to) {
            return;
        }
        table[from] = null;
        table[to] = moved;
        replaced.opened().close();
    }

    /** Says how many names a listing may keep besides those that other listings keep. */
    int listingRoom(OpenFolder folder) {
        int kept = 0;
        for (Descriptor other : table) {
            if (other != null && other.opened() instanceof OpenFolder listed && listed != folder) {
                kept += listed.listedNames();
            }
        }
        return MAX_LISTED - kept;
    }

    void closeAll() {
        for (int fd = 0; fd < MAX; fd++) {
            try {
                if (isOpen(fd)) {
                    close(fd);
                }
            } catch (TreeFailure e) {
                LOG.log(Level.WARNING, "a file that a plugin had open could not be closed well: {0}", e.getMessage());
            }
        }
    }

    private int freeNumber() {
        for (int fd = 0; fd < MAX; fd++) {
            if (table[fd] == null) {
                return fd;
            }
        }
        throw TreeFailure.of(WasiErrno.MFILE);
    }
}
