package org.circleosd.pluginmanager.bench.store;

import java.nio.file.Path;
import java.util.Map;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.MVStore;

/** H2 MVStore, forced to disk at each commit. */
public final class MvStoreTask implements DurableStore {

    private final MVStore store;
    private final MVMap<String, byte[]> records;

    public MvStoreTask(Path folder) {
        store = new MVStore.Builder()
                .fileName(folder.resolve("store.mv").toString())
                .autoCommitDisabled()
                .open();
        records = store.openMap("records");
    }

    @Override
    public synchronized void put(Map<String, byte[]> added) {
        records.putAll(added);
        store.commit();
        store.sync();
    }

    @Override
    public synchronized long count() {
        long count = 0;
        for (byte[] record : records.values()) {
            count += record.length > 0 ? 1 : 0;
        }
        return count;
    }

    @Override
    public void close() {
        store.close();
    }
}
