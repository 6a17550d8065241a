package org.circleosd.pluginmanager.state;

import java.nio.file.Path;
import java.util.Map;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.StateStore;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/** The component at the edge: offers a store with journals in the configured folder, if that provider is chosen. */
@Component(
        service = {},
        immediate = true,
        enabled = false,
        configurationPid = "org.circleosd.pluginmanager.state")
public final class JournalStateStore {

    @interface Config {
        /** Which provider keeps the state: {@code journal}, which is this one, or that of another bundle. */
        String provider() default PROVIDER;

        /** Folder of the state; made if it is missing. There is no default. */
        String dir();

        /** What may be kept in all, in bytes; 0: a quarter of the Java heap. */
        long max_bytes() default 0;
    }

    private static final String PROVIDER = "journal";
    private static final long SNAPSHOT_BYTES = 4 << 20;

    private final @Nullable QueuedStore store;
    private final @Nullable ServiceRegistration<StateStore> registration;

    /** Begins to open the store; callers wait for that. */
    @Activate
    public JournalStateStore(BundleContext context, Config config) {
        if (!config.provider().equals(PROVIDER)) {
            store = null;
            registration = null;
            return;
        }
        store = open(folder(config.dir()), maxBytes(config.max_bytes()));
        registration = context.registerService(
                StateStore.class, store, FrameworkUtil.asDictionary(Map.of("provider", PROVIDER)));
    }

    /** Ends the commits that were begun; later ones are refused, as another store may own the folder by then. */
    @Deactivate
    void close() {
        if (registration != null) {
            registration.unregister();
        }
        if (store != null) {
            store.close();
        }
    }

    /** Begins to open a store, without a framework. */
    public static QueuedStore open(Path folder, long maxBytes) {
        NamedThreads snapshots = new NamedThreads("state-snapshot", NamedThreads.GUEST_STACK);
        Disk disk = new FolderDisk(folder);
        return new QueuedStore(disk, new JournalWriter(disk, maxBytes, SNAPSHOT_BYTES, work -> snapshots
                .newThread(work)
                .start()));
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
