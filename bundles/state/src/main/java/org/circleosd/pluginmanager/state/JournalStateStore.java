package org.circleosd.pluginmanager.state;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.StateStore;
import org.jspecify.annotations.Nullable;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** The component at the edge: opens a {@link JournalStore} in the configured folder. */
@Component(
        service = StateStore.class,
        immediate = true,
        enabled = false,
        configurationPid = "org.circleosd.pluginmanager.state")
public final class JournalStateStore implements StateStore {

    @interface Config {
        /** Folder of the state; made if it is missing. There is no default. */
        String dir();

        /** What may be kept in all, in bytes; 0: a quarter of the Java heap. */
        long max_bytes() default 0;
    }

    private static final long SNAPSHOT_BYTES = 4 << 20;

    private final JournalStore store;

    /** Begins to open the store; callers wait for that. */
    @Activate
    public JournalStateStore(Config config) {
        NamedThreads snapshots = new NamedThreads("state-snapshot", NamedThreads.SMALL_STACK);
        store = new JournalStore(
                new FolderDisk(folder(config.dir())), maxBytes(config.max_bytes()), SNAPSHOT_BYTES, work -> snapshots
                        .newThread(work)
                        .start());
    }

    /** Ends the commits that were begun; later ones are refused, as another store may own the folder by then. */
    @Deactivate
    void close() {
        store.close();
    }

    @Override
    public Map<String, byte[]> entries(String bucket) {
        return store.entries(bucket);
    }

    @Override
    public void commit(List<Change> changes) {
        store.commit(changes);
    }

    static Path folder(@Nullable String dir) {
        if (dir == null || dir.isBlank()) {
            throw new IllegalArgumentException("dir is empty; expected the folder of the state");
        }
        return Path.of(dir);
    }

    static long maxBytes(long configured) {
        if (configured < 0) {
            throw new IllegalArgumentException("max.bytes is " + configured + "; expected 0 or more");
        }
        return configured > 0 ? configured : Runtime.getRuntime().maxMemory() / 4;
    }
}
