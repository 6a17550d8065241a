package org.circleosd.pluginmanager.sandbox.wasi.tree;

import org.jspecify.annotations.Nullable;

/** What may take whose name. */
final class Renaming {

    private Renaming() {}

    /**
     * Checks that a folder replaces only a folder, and anything else no folder.
     *
     * @param replaced what has the new name; null if nothing has
     */
    static void check(FileType moved, @Nullable FileType replaced) {
        if (replaced == null) {
            return;
        }
        if (moved == FileType.FOLDER && replaced != FileType.FOLDER) {
            throw TreeFailure.of(WasiErrno.NOTDIR);
        }
        if (moved != FileType.FOLDER && replaced == FileType.FOLDER) {
            throw TreeFailure.of(WasiErrno.ISDIR);
        }
    }
}
