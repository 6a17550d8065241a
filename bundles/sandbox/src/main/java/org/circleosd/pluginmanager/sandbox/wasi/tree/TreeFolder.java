package org.circleosd.pluginmanager.sandbox.wasi.tree;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An open folder. It takes names of its entries, never paths, and follows no link: {@link PathWalk} does both. It stays
 * the same folder when it is renamed. For one thread at a time. Every method throws {@link TreeFailure}.
 */
public interface TreeFolder extends AutoCloseable {

    /** Opens a folder in this one; fails with {@link WasiErrno#LOOP} for a link. */
    TreeFolder openFolder(String name);

    /** Opens this folder once more. */
    TreeFolder openSelf();

    /** Opens a regular file that is there. */
    TreeFile openFile(String name, Access access);

    /** Makes an empty file and opens it; fails with {@link WasiErrno#EXIST} if the name is taken. */
    TreeFile createFile(String name, Access access);

    /** Describes an entry, a link itself; null if there is none of this name. */
    @Nullable
    FileStat find(String name);

    /** Describes this folder. */
    FileStat stat();

    /** Returns the text of a link; fails with {@link WasiErrno#INVAL} if it is none. */
    String readLink(String name);

    void createFolder(String name);

    /** Makes a symbolic link. */
    void createLink(String name, String text);

    /** Gives a file or a link of this folder one more name. */
    void link(String name, TreeFolder to, String newName);

    /** Renames an entry of this folder, as POSIX has it: what has the new name is replaced if that loses nothing. */
    void rename(String name, TreeFolder to, String newName);

    /** Removes an empty folder. */
    void removeFolder(String name);

    /** Removes what is no folder. */
    void removeFile(String name);

    /**
     * Returns the names of all entries, sorted.
     *
     * @param limit most names; more fail with {@link WasiErrno#OVERFLOW}
     */
    List<String> names(int limit);

    void setTimes(NewTimes times);

    /** Sets the times of an entry, of a link itself. */
    void setTimes(String name, NewTimes times);

    @Override
    void close();

    /** Describes an entry that must be there. */
    default FileStat need(String name) {
        FileStat stat = find(name);
        if (stat == null) {
            throw TreeFailure.of(WasiErrno.NOENT);
        }
        return stat;
    }

    /** What a file is opened for. */
    enum Access {
        READ,
        WRITE,
        READ_WRITE;

        boolean writes() {
            return this != READ;
        }
    }
}
