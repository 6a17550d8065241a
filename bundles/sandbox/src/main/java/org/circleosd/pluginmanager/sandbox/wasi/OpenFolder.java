package org.circleosd.pluginmanager.sandbox.wasi;

import java.util.List;
import java.util.function.Supplier;
import org.circleosd.pluginmanager.sandbox.wasi.tree.FileStat;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFolder;
import org.jspecify.annotations.Nullable;

/** A folder, opened when it is first used, and what a listing of it found. */
final class OpenFolder implements Opened {

    private final Supplier<TreeFolder> opening;
    private @Nullable TreeFolder folder;
    private @Nullable List<String> listed;

    /** Makes a folder that is opened when it is needed. */
    OpenFolder(Supplier<TreeFolder> opening) {
        this.opening = opening;
    }

    /** Takes over a folder that is open. */
    OpenFolder(TreeFolder open) {
        this.opening = () -> open;
        this.folder = open;
    }

    TreeFolder folder() {
        TreeFolder present = folder;
        if (present == null) {
            present = opening.get();
            folder = present;
        }
        return present;
    }

    /**
     * Returns the names of the folder's entries as they were when the guest began to list them: an entry that is removed
     * or made meanwhile does not move the others.
     *
     * @param again whether the guest begins now
     * @param limit most names
     */
    List<String> list(boolean again, int limit) {
        List<String> present = listed;
        if (present == null || again) {
            listed = null;
            present = folder().names(limit);
            listed = present;
        }
        return present;
    }

    /** Says how many names are kept. */
    int listedNames() {
        return listed == null ? 0 : listed.size();
    }

    @Override
    public FileStat stat() {
        return folder().stat();
    }

    @Override
    public void close() {
        if (folder != null) {
            folder.close();
        }
    }
}
