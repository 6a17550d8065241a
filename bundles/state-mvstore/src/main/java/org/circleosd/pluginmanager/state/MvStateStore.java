package org.circleosd.pluginmanager.state;

import java.nio.file.Path;
import java.util.Map;
import org.circleosd.pluginmanager.api.StateStore;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.ServiceRegistration;
import org.osgi.service.component.annotations.Activate;
import org.osgi.service.component.annotations.Component;
import org.osgi.service.component.annotations.Deactivate;

/**
 * The component at the edge: offers a store on H2 MVStore in the configured folder, if that provider is chosen; if it is
 * not, hands over what an MVStore there has.
 */
@Component(
        service = {},
        immediate = true,
        configurationPid = "org.circleosd.pluginmanager.state")
public final class MvStateStore {

    @interface Config {
        /** Which provider keeps the state: {@code mvstore}, which is this one, or that of another bundle. */
        String provider() default "journal";

        /** Folder of the state; made if it is missing. There is no default. */
        String dir();
    }

    private static final String PROVIDER = "mvstore";

    private final @Nullable QueuedStore store;
    private final @Nullable ServiceRegistration<StateStore> registration;
    private final @Nullable Handover handover;

    /** Begins to open the store; callers wait for that. */
    @Activate
    public MvStateStore(BundleContext context, Config config) {
        String dir = config.dir();
        if (dir == null || dir.isBlank()) {
            throw new IllegalArgumentException("dir is empty; expected the folder of the state");
        }
        if (!config.provider().equals(PROVIDER)) {
            store = null;
            registration = null;
            handover = Handover.begin(new FolderDisk(Path.of(dir)));
            return;
        }
        handover = null;
        store = open(Path.of(dir));
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
        if (handover != null) {
            handover.await();
        }
    }

    /** Begins to open a store, without a framework. */
    public static QueuedStore open(Path folder) {
        Disk disk = new FolderDisk(folder);
        return new QueuedStore(disk, new MvWriter(disk));
    }
}
