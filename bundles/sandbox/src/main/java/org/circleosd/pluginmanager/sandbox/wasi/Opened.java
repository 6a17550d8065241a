package org.circleosd.pluginmanager.sandbox.wasi;

import org.circleosd.pluginmanager.sandbox.wasi.tree.FileStat;

/** What a descriptor stands for. */
sealed interface Opened permits OpenStream, OpenFile, OpenFolder {

    FileStat stat();

    /** Gives back what the host holds for it. */
    void close();
}
