package org.circleosd.pluginmanager.nativeloader.process;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A library as one worker has it.
 *
 * @param worker null: none
 * @param number of the plugin in the worker
 * @param level of the ABI: 0 or 1
 * @param concurrent whether calls may run at once
 * @param functions that can be called, sorted
 * @param layers around the worker
 * @param unenforced layers that should be and are not
 */
record LoadedLibrary(
        @Nullable Worker worker,
        int number,
        int level,
        boolean concurrent,
        List<String> functions,
        List<String> layers,
        List<String> unenforced) {

    /** A library that no worker has. */
    static final LoadedLibrary NOWHERE = new LoadedLibrary(null, 0, 0, false, List.of(), List.of(), List.of());
}
