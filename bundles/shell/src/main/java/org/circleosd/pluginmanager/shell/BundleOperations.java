package org.circleosd.pluginmanager.shell;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.WeakHashMap;
import org.apache.felix.service.command.CommandSession;
import org.apache.felix.service.command.Job;
import org.apache.felix.service.command.Process;
import org.osgi.framework.BundleEvent;
import org.osgi.framework.SynchronousBundleListener;

/**
 * Knows which commands are starting, stopping or updating a bundle: those are not interrupted, neither by Ctrl-C nor by
 * a client that goes away. An interrupt would hit the bundle's own code on its way down or up, and a file that it opens
 * there would be closed under it.
 *
 * <p>The framework announces each step on the thread that takes it.
 */
final class BundleOperations implements SynchronousBundleListener {

    private final Set<Job> carriers = Collections.newSetFromMap(new WeakHashMap<>());

    @Override
    public void bundleChanged(BundleEvent event) {
        Process process = Process.Utils.current();
        if (process == null) {
            return;
        }
        synchronized (this) {
            carriers.add(outermost(process.job()));
        }
        // An interrupt that came just before: what has begun is finished.
        Thread.interrupted();
    }

    /** Says whether nothing in this session may not be interrupted. */
    synchronized boolean isInterruptible(CommandSession session) {
        return jobs(session).stream().noneMatch(carriers::contains);
    }

    /** Interrupts the commands that run in a session, but for those that may not be. */
    synchronized void interrupt(CommandSession session) {
        for (Job job : jobs(session)) {
            if (!carriers.contains(job)) {
                job.interrupt();
            }
        }
    }

    /** gogo returns a view of a list that changes meanwhile. */
    private static List<Job> jobs(CommandSession session) {
        return Arrays.stream(session.jobs().toArray(Job[]::new))
                .filter(Objects::nonNull)
                .toList();
    }

    private static Job outermost(Job job) {
        Job parent = job.parent();
        return parent == null ? job : outermost(parent);
    }
}
