package org.circleosd.pluginmanager.bench.store;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.api.StateStore.Change;
import org.circleosd.pluginmanager.state.JournalStateStore;
import org.circleosd.pluginmanager.state.QueuedStore;

/** Our journal. */
public final class JournalTask implements DurableStore {

    private static final String BUCKET = "records";

    private final QueuedStore store;

    public JournalTask(Path folder) {
        store = JournalStateStore.open(folder, Long.MAX_VALUE);
    }

    @Override
    public void put(Map<String, byte[]> records) {
        List<Change> changes = records.entrySet().stream()
                .map(record -> new Change(BUCKET, record.getKey(), record.getValue()))
                .toList();
        store.commit(changes);
    }

    @Override
    public long count() {
        return store.entries(BUCKET).size();
    }

    @Override
    public void close() {
        store.close();
    }
}
