package org.circleosd.pluginmanager.sandbox.services;

import java.util.HashMap;
import java.util.Map;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.runtime.KeyValues;
import org.jspecify.annotations.Nullable;

/** Values as a plugin keeps them, whose changes are kept nowhere. Thread-safe. */
final class ScratchValues implements KeyValues {

    /** Known by itself, not by what is in it. */
    private static final byte[] DELETED = {};

    private final KeyValues kept;
    private final long limit;
    /** Guarded by this. */
    private final Map<String, byte[]> changed = new HashMap<>();
    /** What the keys and values of the changes take; guarded by this. */
    private long used;

    /**
     * Begins with what is kept.
     *
     * @param limit most that the changes take, in bytes
     */
    ScratchValues(KeyValues kept, long limit) {
        this.kept = kept;
        this.limit = limit;
    }

    @Override
    public synchronized byte @Nullable [] get(String key) {
        byte[] value = kept.get(key); // also refuses what is no key
        byte[] change = changed.get(key);
        return change == null ? value : change == DELETED ? null : change.clone();
    }

    @Override
    public synchronized void put(String key, byte @Nullable [] value) {
        kept.get(key);
        byte[] change = value == null ? DELETED : value.clone();
        byte[] before = changed.get(key);
        long after = used + change.length + (before == null ? key.length() : -before.length);
        if (after > limit) {
            throw new PluginException(
                    ErrorCode.TOO_LARGE, "a rehearsal may put " + limit + " bytes, and would have put " + after);
        }
        changed.put(key, change);
        used = after;
    }
}
