package org.circleosd.pluginmanager.state;

import java.nio.charset.StandardCharsets;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.circleosd.pluginmanager.api.StateStore.Change;

/**
 * All values by bucket and key, sorted. Never changed once made; the arrays in it are nobody else's.
 *
 * @param buckets none of them empty
 */
record Entries(NavigableMap<String, NavigableMap<String, byte[]>> buckets) {

    static final Entries NONE = new Entries(Collections.emptyNavigableMap());

    private static final int MAX_NAME_BYTES = 255;

    /** Returns a copy of a bucket. */
    Map<String, byte[]> bucket(String name) {
        NavigableMap<String, byte[]> copy = new TreeMap<>();
        NavigableMap<String, byte[]> bucket = buckets.get(name);
        if (bucket != null) {
            bucket.forEach((key, value) -> copy.put(key, value.clone()));
        }
        return copy;
    }

    /** Makes the entries after some changes. */
    Entries with(List<Change> changes) {
        NavigableMap<String, NavigableMap<String, byte[]>> changed = new TreeMap<>(buckets);
        for (Change change : changes) {
            checkName(change.bucket());
            checkName(change.key());
            NavigableMap<String, byte[]> bucket = changed.containsKey(change.bucket())
                    ? new TreeMap<>(changed.get(change.bucket()))
                    : new TreeMap<>();
            byte[] value = change.value();
            if (value == null) {
                bucket.remove(change.key());
            } else {
                bucket.put(change.key(), value.clone());
            }
            if (bucket.isEmpty()) {
                changed.remove(change.bucket());
            } else {
                changed.put(change.bucket(), bucket);
            }
        }
        return new Entries(changed);
    }

    private static void checkName(String name) {
        int length = name.getBytes(StandardCharsets.UTF_8).length;
        if (length < 1
                || length > MAX_NAME_BYTES
                || !StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw new IllegalArgumentException(
                    "a bucket or key has " + length + " bytes; expected 1 to " + MAX_NAME_BYTES + " of UTF-8");
        }
    }
}
