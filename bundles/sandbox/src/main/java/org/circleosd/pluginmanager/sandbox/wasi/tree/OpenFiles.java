package org.circleosd.pluginmanager.sandbox.wasi.tree;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The open files of a host's tree. One that loses its last name keeps its bytes on the disk until it is closed, and they
 * count until then. Thread-safe.
 */
final class OpenFiles {

    private final Quota quota;
    private final Map<Object, Integer> open = new HashMap<>();
    private final Set<Object> nameless = new HashSet<>();

    OpenFiles(Quota quota) {
        this.quota = quota;
    }

    synchronized void opened(Object key) {
        open.merge(key, 1, Integer::sum);
    }

    /** Notes that a file is closed that had this size. */
    synchronized void closed(Object key, long size) {
        if (open.merge(key, -1, Integer::sum) == 0) {
            open.remove(key);
            if (nameless.remove(key)) {
                quota.give(size);
            }
        }
    }

    /** Notes that a name is gone; gives back what it counted. */
    synchronized void removed(@Nullable Object key, FileStat before) {
        quota.give(Quota.ENTRY);
        if (before.type() != FileType.FILE || before.links() > 1) {
            return;
        }
        if (key != null && open.containsKey(key)) {
            nameless.add(key);
        } else {
            quota.give(before.size());
        }
    }
}
