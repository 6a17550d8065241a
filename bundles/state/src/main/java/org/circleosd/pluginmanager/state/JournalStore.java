package org.circleosd.pluginmanager.state;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.StateStore;

/**
 * Keeps all values in memory, and each commit in a journal. One thread writes: commits that arrive while it waits for
 * the disk are written together next, and a caller that is interrupted does not close its file.
 *
 * <p>Two versions of this bundle can be there for a moment, while one replaces the other. The newer one opens the
 * folder when the older one has closed it; until then its callers wait.
 */
final class JournalStore implements StateStore, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(JournalStore.class.getName());
    private static final long WAIT_SECONDS = 10;

    private final Disk disk;
    private final CommitQueue queue = new CommitQueue();
    private final JournalWriter writer;
    private final CountDownLatch opened = new CountDownLatch(1);
    private final Thread thread;

    /**
     * Begins to open a store.
     *
     * @param maxBytes what may be kept, about
     * @param snapshotBytes how long a journal becomes, at least, before a snapshot is made
     * @param snapshots runs the writing of a snapshot
     */
    JournalStore(Disk disk, long maxBytes, long snapshotBytes, Executor snapshots) {
        this.disk = disk;
        writer = new JournalWriter(disk, maxBytes, snapshotBytes, snapshots);
        thread = new NamedThreads("state-journal", NamedThreads.SMALL_STACK).newThread(this::work);
        thread.start();
    }

    @Override
    public Map<String, byte[]> entries(String bucket) {
        awaitOpened();
        return writer.entries().bucket(bucket);
    }

    @Override
    public void commit(List<Change> changes) {
        Commit commit = new Commit(changes);
        awaitOpened();
        if (!queue.add(commit)) {
            throw stopped();
        }
        commit.await();
    }

    /** Ends the commits that were begun, refuses later ones, and lets go of the folder. */
    @Override
    public void close() {
        queue.close();
        if (opened.getCount() > 0 && !thread.getState().equals(Thread.State.RUNNABLE)) {
            return; // it waits for another version to close, and ends then
        }
        try {
            thread.join(TimeUnit.SECONDS.toMillis(WAIT_SECONDS));
            if (thread.isAlive()) {
                LOG.log(
                        System.Logger.Level.WARNING,
                        "the disk did not answer for " + WAIT_SECONDS + " s; the state in " + disk.path("")
                                + " is still open");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the thread ends by itself
        }
    }

    private void work() {
        // The monitor of an interned string is the same for all class loaders, and so for all versions of this bundle.
        synchronized (disk.identity().intern()) {
            if (!queue.isClosed()) {
                writer.open();
                opened.countDown();
                try {
                    serve();
                } finally {
                    writer.close();
                }
            }
        }
        opened.countDown();
    }

    private void serve() {
        while (true) {
            List<Commit> batch;
            try {
                batch = queue.take();
            } catch (InterruptedException e) {
                throw new IllegalStateException("nobody interrupts this thread", e);
            }
            if (batch.isEmpty()) {
                return;
            }
            writer.write(batch);
        }
    }

    private void awaitOpened() {
        try {
            if (opened.getCount() > 0 && !opened.await(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new PluginException(
                        ErrorCode.UNAVAILABLE,
                        "another version of the state store had " + disk.path("") + " open for " + WAIT_SECONDS
                                + " s; try again");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PluginException(ErrorCode.CANCELLED, "gave up waiting for the state store");
        }
        if (queue.isClosed()) {
            throw stopped();
        }
    }

    private static PluginException stopped() {
        return new PluginException(ErrorCode.UNAVAILABLE, "the state store was stopped; try again");
    }
}
