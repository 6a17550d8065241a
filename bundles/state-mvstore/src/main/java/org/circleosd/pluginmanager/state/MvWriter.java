package org.circleosd.pluginmanager.state;

import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.h2.mvstore.MVStoreException;
import org.jspecify.annotations.Nullable;

/** Keeps all in one MVStore. After a failed write it is read only. */
final class MvWriter implements StoreWriter {

    private static final System.Logger LOG = System.getLogger(MvWriter.class.getName());

    private final Disk disk;
    /** Callers can be interrupted. */
    private final ExecutorService reader =
            Executors.newSingleThreadExecutor(new NamedThreads("state-reader", NamedThreads.GUEST_STACK));

    private @Nullable Closeable lock;
    private volatile @Nullable MvFile file;
    private volatile @Nullable Failure failure;

    MvWriter(Disk disk) {
        this.disk = disk;
    }

    @Override
    public String fileOfAnotherProvider() {
        return ""; // it reads those itself
    }

    @Override
    public void open() {
        try {
            disk.prepare();
            lock = disk.lock();
            Handover.in(disk);
            file = MvFile.open(disk.path(MvFile.NAME));
        } catch (DamagedStateException e) {
            fail(ErrorCode.STATE_CORRUPT, e.getMessage() + ". Nothing is read or written until that is put right");
        } catch (MVStoreException | IllegalArgumentException e) {
            fail(
                    ErrorCode.STATE_CORRUPT,
                    "the state in " + disk.path(MvFile.NAME) + " cannot be opened (" + e.getMessage()
                            + "). Nothing is read or written until it can: put a good copy back, then restart");
        } catch (IOException e) {
            fail(
                    ErrorCode.STATE_READ_ONLY,
                    "the state in " + disk.path("") + " cannot be used (" + Reasons.of(e)
                            + "); nothing is written until it can. Put that right, then restart");
        }
    }

    @Override
    public void write(List<Commit> batch) {
        Failure stopped = failure;
        MvFile target = file;
        if (stopped == null && target != null) {
            try {
                target.commit(batch.stream()
                        .flatMap(commit -> commit.changes().stream())
                        .toList());
                batch.forEach(Commit::succeed);
                return;
            } catch (RuntimeException e) {
                stopped = stop(target, e);
            }
        }
        Failure why = stopped == null ? new Failure(ErrorCode.UNAVAILABLE, "the state store is not open") : stopped;
        batch.forEach(commit -> commit.fail(why));
    }

    @Override
    public Map<String, byte[]> bucket(String name) {
        try {
            return CompletableFuture.supplyAsync(() -> read(name), reader).join();
        } catch (CompletionException e) {
            throw e.getCause() instanceof RuntimeException cause ? cause : e;
        }
    }

    @Override
    public void close() {
        reader.shutdown();
        MvFile open = file;
        try {
            if (open != null) {
                open.close();
            }
            if (lock != null) {
                lock.close();
            }
        } catch (MVStoreException | IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the state in {0} was not closed properly ({1}); nothing is lost",
                    disk.path(MvFile.NAME),
                    e.getMessage());
        }
    }

    private Map<String, byte[]> read(String name) {
        MvFile source = file;
        Failure why = failure;
        try {
            if (source != null) {
                return source.bucket(name);
            }
        } catch (MVStoreException e) {
            why = fail(
                    ErrorCode.STATE_CORRUPT,
                    "the state in " + disk.path(MvFile.NAME) + " cannot be read: " + e.getMessage());
        }
        if (why == null) {
            return Map.of();
        }
        throw why.toException();
    }

    private Failure stop(MvFile target, RuntimeException reason) {
        Failure stopped = fail(
                ErrorCode.STATE_READ_ONLY,
                "the disk failed while the state in " + disk.path(MvFile.NAME) + " was written (" + reason.getMessage()
                        + "); nothing is written any more. Make room or check the disk, then restart");
        try {
            target.abandon();
            file = MvFile.openReadOnly(disk.path(MvFile.NAME));
        } catch (MVStoreException e) {
            file = null;
            LOG.log(System.Logger.Level.ERROR, "the state cannot be read either: {0}", e.getMessage());
        }
        return stopped;
    }

    private Failure fail(ErrorCode code, String message) {
        synchronized (this) {
            Failure first = failure;
            if (first != null) {
                return first;
            }
            Failure now = new Failure(code, message);
            failure = now;
            LOG.log(System.Logger.Level.ERROR, message);
            return now;
        }
    }
}
