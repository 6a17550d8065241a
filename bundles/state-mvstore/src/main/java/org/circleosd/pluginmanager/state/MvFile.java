package org.circleosd.pluginmanager.state;

import java.io.Closeable;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.circleosd.pluginmanager.api.StateStore.Change;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;
import org.h2.mvstore.type.ByteArrayDataType;
import org.h2.mvstore.type.StringDataType;

/**
 * An open MVStore: one sorted map of all values. Every method may throw an
 * {@link org.h2.mvstore.MVStoreException}; none may run on a thread that can be interrupted, which closes the file.
 */
final class MvFile implements Closeable {

    static final String NAME = "state.mv";

    /** Half a surrogate pair, which no name has: between a bucket and a key. */
    private static final char SEPARATOR = '\ud800';

    private static final int CACHE_MEGABYTES = 8;
    private static final int CLOSE_MILLIS = 200;

    private final MVStore store;
    private final MVMap<String, byte[]> values;

    private MvFile(MVStore store) {
        this.store = store;
        values = store.openMap(
                "values",
                new MVMap.Builder<String, byte[]>()
                        .keyType(StringDataType.INSTANCE)
                        .valueType(ByteArrayDataType.INSTANCE));
    }

    static MvFile open(String path) {
        MVStore store = new MVStore.Builder()
                .fileName(path)
                .autoCommitDisabled()
                .cacheSize(CACHE_MEGABYTES)
                .open();
        store.setVersionsToKeep(0);
        return new MvFile(store);
    }

    static MvFile openReadOnly(String path) {
        return new MvFile(new MVStore.Builder()
                .fileName(path)
                .readOnly()
                .cacheSize(CACHE_MEGABYTES)
                .open());
    }

    /** Makes changes; on disk when this returns, all or none of them. */
    synchronized void commit(List<Change> changes) {
        for (Change change : changes) {
            String key = change.bucket() + SEPARATOR + change.key();
            byte[] value = change.value();
            if (value == null) {
                values.remove(key);
            } else {
                values.put(key, value);
            }
        }
        store.commit();
        store.sync();
    }

    Map<String, byte[]> bucket(String name) {
        Cursor<String, byte[]> entries = cursor(name);
        Map<String, byte[]> bucket = new LinkedHashMap<>();
        while (entries.hasNext()) {
            String key = entries.next();
            bucket.put(key.substring(name.length() + 1), entries.getValue().clone());
        }
        return bucket;
    }

    Entries all() {
        NavigableMap<String, NavigableMap<String, byte[]>> all = new TreeMap<>();
        Cursor<String, byte[]> entries = values.cursor(null);
        while (entries.hasNext()) {
            String key = entries.next();
            int at = key.indexOf(SEPARATOR);
            all.computeIfAbsent(key.substring(0, at), bucket -> new TreeMap<>())
                    .put(key.substring(at + 1), entries.getValue());
        }
        return Entries.of(all);
    }

    @Override
    public void close() {
        store.close(CLOSE_MILLIS);
    }

    /** Closes the file after a failure: nothing more is written. */
    void abandon() {
        store.closeImmediately();
    }

    /** A cursor keeps what is there now; with the lock, that is on disk. */
    private synchronized Cursor<String, byte[]> cursor(String bucket) {
        return values.cursor(bucket + SEPARATOR, bucket + (char) (SEPARATOR + 1), false);
    }
}
