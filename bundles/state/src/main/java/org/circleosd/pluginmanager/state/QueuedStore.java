package org.circleosd.pluginmanager.state;

import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.StateStore;

/**
 * Commits by way of one thread: those that arrive while it waits for the disk are written together next, and a caller
 * that is interrupted does not close its file.
 *
 * <p>Two versions of a provider, or two providers, can be there for a moment, while one replaces the other. The newer one
 * opens the folder when the older one has closed it; until then its callers wait.
 */
public final class QueuedStore implements StateStore, AutoCloseable {

    private static final System.Logger LOG = System.getLogger(QueuedStore.class.getName());
    private static final long WAIT_SECONDS = 10;
    private static final long LOOK_MILLIS = 100;

    private final Disk disk;
    private final CommitQueue queue = new CommitQueue();
    private final StoreWriter writer;
    private final CountDownLatch opened = new CountDownLatch(1);
    private final Thread thread;
    /** What has to happen before the store is opened. */
    private volatile String waitsFor;

    /** Begins to open a store; the writer is its own from now on. */
    QueuedStore(Disk disk, StoreWriter writer) {
        this.disk = disk;
        this.writer = writer;
        waitsFor = "another version of the state store had " + disk.path("") + " open for " + WAIT_SECONDS + " s";
        thread = new NamedThreads("state-writer", NamedThreads.GUEST_STACK).newThread(this::work);
        thread.start();
    }

    @Override
    public Map<String, byte[]> entries(String bucket) {
        awaitOpened();
        return writer.bucket(bucket);
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
        if (opened.getCount() > 0 && thread.getState() == Thread.State.BLOCKED) {
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
        try {
            // The monitor of an interned string is the same for all class loaders, and so for all versions.
            Object folder = disk.identity().intern();
            synchronized (folder) {
                awaitOtherProvider(folder);
                if (!queue.isClosed()) {
                    writer.open();
                    opened.countDown();
                    serve();
                }
            }
        } catch (InterruptedException e) {
            LOG.log(System.Logger.Level.ERROR, "nobody interrupts this thread", e);
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "a defect stopped the state store; restart", e);
        } finally {
            queue.close();
            opened.countDown();
        }
    }

    /** Waits until another provider has left the state in a form that this one reads. */
    private void awaitOtherProvider(Object folder) throws InterruptedException {
        long start = System.nanoTime();
        boolean isSaid = false;
        while (!queue.isClosed()) {
            String file = writer.fileOfAnotherProvider();
            if (file.isEmpty()) {
                return;
            }
            waitsFor =
                    "the state is in " + file + ", which another provider has to hand over: copy its jar to bundles/,"
                            + " or choose it with provider in org.circleosd.pluginmanager.state.cfg, or move the file away to"
                            + " start with no plugins";
            if (!isSaid && System.nanoTime() - start > TimeUnit.SECONDS.toNanos(WAIT_SECONDS) / 2) {
                LOG.log(System.Logger.Level.ERROR, waitsFor);
                isSaid = true;
            }
            folder.wait(LOOK_MILLIS); // which lets the other one have the folder
        }
    }

    private void serve() throws InterruptedException {
        try {
            for (List<Commit> batch = queue.take(); !batch.isEmpty(); batch = queue.take()) {
                writer.write(batch);
            }
        } finally {
            writer.close();
        }
    }

    private void awaitOpened() {
        try {
            if (opened.getCount() > 0 && !opened.await(WAIT_SECONDS, TimeUnit.SECONDS)) {
                throw new PluginException(ErrorCode.UNAVAILABLE, waitsFor + "; try again");
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
