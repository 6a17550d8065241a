package org.circleosd.pluginmanager.host;

import java.lang.ref.WeakReference;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.StateStore;
import org.jspecify.annotations.Nullable;

/**
 * The values that the plugin of one slot keeps, whatever content runs there. They begin and end with the plugin's
 * record, in the same commit, so that an id never shows what an earlier plugin of that name kept.
 *
 * <p>The methods with a {@link StateStore} are for work in the order of {@link #state}.
 */
final class PluginValues {

    /** What an entry counts beside its key and value: it bounds the number of entries too. */
    static final int ENTRY_BYTES = 64;

    private final PluginId id;
    private final KeptState state;
    private final String bucket;

    private volatile @Nullable Copy copy;
    /** False until the plugin's record is kept: what the bucket has is of an earlier plugin. */
    private boolean isKept;

    private volatile boolean isGone;

    PluginValues(PluginId id, KeptState state, boolean isKept) {
        this.id = id;
        this.state = state.newOrder();
        this.bucket = "kv." + id;
        this.isKept = isKept;
    }

    /** Returns the order of all that is done with these values. */
    KeptState state() {
        return state;
    }

    /** Returns the kept value, which is nobody's to change; null if there is none. */
    byte @Nullable [] get(String key) {
        Copy known = state.<@Nullable Copy>peek(this::known);
        if (known == null) {
            known = state.call(this::read);
        }
        if (isGone) {
            throw gone();
        }
        return known.values.get(key);
    }

    /** Refuses changes with which the plugin would keep too much. */
    void check(StateStore store, Map<String, Optional<byte[]>> changes, long quota) {
        if (isGone) {
            throw gone();
        }
        Copy before = read(store);
        long after = before.bytes + before.growth(changes);
        // What was kept under a larger quota stays and may shrink.
        if (after > quota && after > before.bytes) {
            throw new PluginException(
                    ErrorCode.TOO_LARGE,
                    "plugin '" + id + "' would keep " + after + " bytes (keys, values, and " + ENTRY_BYTES
                            + " for each); its quota is " + quota);
        }
    }

    /** Makes changes durable, together with those of the plugin's records. */
    void keep(StateStore store, Map<String, Optional<byte[]>> changes, long quota, List<StateStore.Change> records) {
        check(store, changes, quota);
        Copy now = read(store);
        if (records.isEmpty() && now.hasAll(changes)) {
            return;
        }
        List<StateStore.Change> commit = new ArrayList<>(records);
        if (!isKept) {
            commit.addAll(deletions(store));
        }
        changes.forEach((key, value) -> commit.add(new StateStore.Change(bucket, key, value.orElse(null))));
        commit(store, commit);
        isKept = true;
        now.apply(changes);
    }

    /** Deletes all values together with the plugin's records. */
    void delete(StateStore store, List<StateStore.Change> records) {
        List<StateStore.Change> commit = new ArrayList<>(records);
        commit.addAll(deletions(store));
        commit(store, commit);
        isGone = true;
        copy = null;
    }

    PluginException gone() {
        return new PluginException(ErrorCode.PLUGIN_NOT_FOUND, "plugin '" + id + "' is not loaded; it keeps no values");
    }

    private void commit(StateStore store, List<StateStore.Change> changes) {
        try {
            store.commit(changes);
        } catch (RuntimeException e) {
            // A disk that failed late may have the changes or not: the store is asked again.
            copy = null;
            throw e;
        }
    }

    private List<StateStore.Change> deletions(StateStore store) {
        return store.entries(bucket).keySet().stream()
                .map(key -> new StateStore.Change(bucket, key, null))
                .toList();
    }

    private @Nullable Copy known(StateStore store) {
        Copy now = copy;
        return now != null && now.store.refersTo(store) ? now : null;
    }

    private Copy read(StateStore store) {
        Copy now = known(store);
        if (now == null) {
            now = new Copy(store, isKept && !isGone ? store.entries(bucket) : Map.of());
            copy = now;
        }
        return now;
    }

    /** What one store has, so that a get reads no bucket. Of another store it says nothing. */
    private static final class Copy {

        /** Weak: a store that was replaced must not be kept alive by a plugin that asks for nothing. */
        final WeakReference<StateStore> store;

        final Map<String, byte[]> values;
        long bytes;

        Copy(StateStore store, Map<String, byte[]> values) {
            this.store = new WeakReference<>(store);
            this.values = new ConcurrentHashMap<>(values);
            values.forEach((key, value) -> bytes += size(key, value));
        }

        long growth(Map<String, Optional<byte[]>> changes) {
            long growth = 0;
            for (Map.Entry<String, Optional<byte[]>> change : changes.entrySet()) {
                String key = change.getKey();
                byte[] old = values.get(key);
                growth -= old == null ? 0 : size(key, old);
                growth += change.getValue().map(value -> size(key, value)).orElse(0L);
            }
            return growth;
        }

        boolean hasAll(Map<String, Optional<byte[]>> changes) {
            return changes.entrySet().stream()
                    .allMatch(change -> Arrays.equals(
                            values.get(change.getKey()), change.getValue().orElse(null)));
        }

        void apply(Map<String, Optional<byte[]>> changes) {
            bytes += growth(changes);
            changes.forEach(
                    (key, value) -> value.ifPresentOrElse(kept -> values.put(key, kept), () -> values.remove(key)));
        }

        private static long size(String key, byte[] value) {
            return (long) key.getBytes(StandardCharsets.UTF_8).length + value.length + ENTRY_BYTES;
        }
    }
}
