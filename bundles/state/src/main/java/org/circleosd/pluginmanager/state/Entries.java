package org.circleosd.pluginmanager.state;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.circleosd.pluginmanager.api.StateStore.Change;
import org.jspecify.annotations.Nullable;

/**
 * All values by bucket and key, sorted. Never changed once made; the arrays in it are nobody else's.
 *
 * @param buckets none of them empty
 * @param count number of values
 * @param bytes what they take, with {@link #ENTRY_BYTES} for each
 */
record Entries(Tree<Tree<byte[]>> buckets, long count, long bytes) {

    static final Entries NONE = new Entries(Tree.empty(), 0, 0);

    /** What a value takes beside its bytes and those of its names, about. */
    private static final int ENTRY_BYTES = 100;

    static Entries of(NavigableMap<String, NavigableMap<String, byte[]>> buckets) {
        NavigableMap<String, Tree<byte[]>> trees = new TreeMap<>();
        long count = 0;
        long bytes = 0;
        for (Map.Entry<String, NavigableMap<String, byte[]>> bucket : buckets.entrySet()) {
            if (!bucket.getValue().isEmpty()) {
                trees.put(bucket.getKey(), Tree.of(bucket.getValue()));
            }
            for (Map.Entry<String, byte[]> entry : bucket.getValue().entrySet()) {
                count++;
                bytes += size(bucket.getKey(), entry.getKey(), entry.getValue());
            }
        }
        return new Entries(Tree.of(trees), count, bytes);
    }

    /** Returns a copy of a bucket, sorted by key. */
    Map<String, byte[]> bucket(String name) {
        Map<String, byte[]> copy = new LinkedHashMap<>();
        Tree<byte[]> bucket = buckets.get(name);
        if (bucket != null) {
            bucket.forEach((key, value) -> copy.put(key, value.clone()));
        }
        return copy;
    }

    /** Visits all entries as changes that would make them, sorted; the arrays are not to be changed. */
    void forEach(Consumer<Change> visitor) {
        buckets.forEach(
                (bucket, entries) -> entries.forEach((key, value) -> visitor.accept(new Change(bucket, key, value))));
    }

    /** Returns the changes that make all of it. */
    List<Change> asChanges() {
        List<Change> changes = new ArrayList<>();
        forEach(changes::add);
        return changes;
    }

    /** Makes the entries after some changes, whose names are right and whose arrays nobody else has. */
    Entries with(List<Change> changes) {
        Entries now = this;
        for (Change change : changes) {
            now = now.with(change);
        }
        return now;
    }

    private Entries with(Change change) {
        Tree<byte[]> bucket = buckets.get(change.bucket());
        if (bucket == null) {
            bucket = Tree.empty();
        }
        byte[] before = bucket.get(change.key());
        byte[] after = change.value();
        if (before == null && after == null) {
            return this;
        }
        bucket = after == null ? bucket.without(change.key()) : bucket.with(change.key(), after);
        return new Entries(
                bucket.size() == 0 ? buckets.without(change.bucket()) : buckets.with(change.bucket(), bucket),
                count + (after == null ? 0 : 1) - (before == null ? 0 : 1),
                bytes + size(change.bucket(), change.key(), after) - size(change.bucket(), change.key(), before));
    }

    private static long size(String bucket, String key, byte @Nullable [] value) {
        return value == null ? 0 : (long) bucket.length() + key.length() + value.length + ENTRY_BYTES;
    }
}
