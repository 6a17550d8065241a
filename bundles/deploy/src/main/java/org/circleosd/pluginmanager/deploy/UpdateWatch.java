package org.circleosd.pluginmanager.deploy;

import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;

/** Notes which bundles others update, as {@code felix:update} in the shell does. Thread-safe. */
final class UpdateWatch implements SynchronousBundleListener {

    private final Set<String> updated = new HashSet<>();
    /** Who follows the folder; its own updates need no second look. */
    private @Nullable Thread own;

    /** Says which thread's updates are not noted. */
    synchronized void ignore(Thread thread) {
        own = thread;
    }

    @Override
    public synchronized void bundleChanged(BundleEvent event) {
        // Delivered on the thread that updates, before the new version starts.
        String name = event.getBundle().getSymbolicName();
        if (event.getType() == BundleEvent.UPDATED && Thread.currentThread() != own && name != null) {
            updated.add(name);
        }
    }

    /** Returns the symbolic names since the last time. */
    synchronized Set<String> take() {
        Set<String> names = Set.copyOf(updated);
        updated.clear();
        return names;
    }
}
