package org.circleosd.pluginmanager.state;

import java.io.Closeable;
import java.io.IOException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.state.FileHeader.Kind;
import org.circleosd.pluginmanager.state.Recovery.Found;
import org.jspecify.annotations.Nullable;

/**
 * What the store's thread does: opens the folder, writes commits, begins a new journal and has a snapshot made when the
 * journal is long enough.
 *
 * <p>After a failure that leaves doubt about what is on disk nothing is written any more; reading goes on. A full disk
 * leaves none: what was written of a frame is cut off, and the next commit tries again.
 */
final class JournalWriter implements StoreWriter {

    private static final System.Logger LOG = System.getLogger(JournalWriter.class.getName());

    /** What the provider of the bundle {@code state-mvstore} keeps all in. */
    private static final String OTHER_PROVIDERS_FILE = "state.mv";

    private final Disk disk;
    private final long maxBytes;
    private final long snapshotBytes;
    private final Executor snapshots;
    private final SecureRandom random = new SecureRandom();

    private @Nullable Closeable lock;
    private @Nullable JournalFile journal;
    private long sequence;
    private long nextNumber = 1;
    /** Length of the journal at which the next one is begun. */
    private long journalBytes;

    private boolean isSealed;
    private boolean isFull;
    private CompletableFuture<Void> snapshot = CompletableFuture.completedFuture(null);
    /** The newest snapshot that is known to be good, or the first journal; changed by one snapshot at a time. */
    private volatile long base = 1;

    private volatile Entries entries = Entries.NONE;
    private volatile @Nullable Failure failure;

    /**
     * Makes a writer that has read nothing.
     *
     * @param maxBytes what may be kept, about
     * @param snapshotBytes how long a journal becomes, at least, before a snapshot is made
     * @param snapshots runs the writing of a snapshot
     */
    JournalWriter(Disk disk, long maxBytes, long snapshotBytes, Executor snapshots) {
        this.disk = disk;
        this.maxBytes = maxBytes;
        this.snapshotBytes = snapshotBytes;
        this.snapshots = snapshots;
        journalBytes = snapshotBytes;
    }

    /** Returns all that is committed. */
    Entries entries() {
        return entries;
    }

    @Override
    public String fileOfAnotherProvider() {
        try {
            return disk.names().contains(OTHER_PROVIDERS_FILE) ? disk.path(OTHER_PROVIDERS_FILE) : "";
        } catch (IOException e) {
            return ""; // there is no folder yet, or open says what is wrong
        }
    }

    @Override
    public void open() {
        try {
            disk.prepare();
            lock = disk.lock();
            Found found = Recovery.read(disk);
            entries = found.entries();
            sequence = found.sequence();
            base = found.base();
            new Opening(disk, this).proceed(found);
        } catch (UncertainWriteException e) {
            stop(e);
        } catch (IOException e) {
            fail(
                    ErrorCode.STATE_READ_ONLY,
                    "the state in " + disk.path("") + " cannot be used (" + Reasons.of(e)
                            + "); nothing is written until it can. Put that right, then restart");
        }
    }

    @Override
    public Map<String, byte[]> bucket(String name) {
        return entries.bucket(name);
    }

    @Override
    public void write(List<Commit> batch) {
        try {
            append(batch);
        } catch (UncertainWriteException e) {
            refuse(batch, stop(e));
        } catch (IOException e) {
            // A journal that could not be begun was left out whole, whatever the reason.
            if (journal == null || disk.isFull(e, batchBytes(batch))) {
                refuse(batch, notWritten(e));
            } else {
                refuse(batch, stop(e));
            }
        } catch (RuntimeException | Error e) {
            LOG.log(System.Logger.Level.ERROR, "a defect while the state was written", e);
            refuse(batch, fail(ErrorCode.STATE_READ_ONLY, "a defect stopped all writing: " + e + ". Restart"));
        }
    }

    /** Makes the last bytes say that all is there, and lets go of the folder. */
    @Override
    public void close() {
        snapshot.join();
        try {
            JournalFile file = journal;
            if (file != null) {
                if (failure == null && !isSealed) {
                    file.seal(sequence + 1);
                }
                file.close();
            }
            if (lock != null) {
                lock.close();
            }
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the state in {0} was not closed properly ({1}); nothing is lost",
                    disk.path(""),
                    Reasons.of(e));
        }
    }

    private void append(List<Commit> batch) throws IOException {
        Failure stopped = failure;
        if (stopped != null) {
            refuse(batch, stopped);
            return;
        }
        List<Commit> taken = new ArrayList<>();
        List<byte[]> payload = new ArrayList<>();
        Entries next = entries;
        for (Commit commit : batch) {
            Entries after = next.with(commit.changes());
            // What was kept under a larger bound stays and may shrink.
            if (after.bytes() > maxBytes && after.bytes() > next.bytes()) {
                commit.fail(new Failure(
                        ErrorCode.TOO_LARGE,
                        "the state would have about " + after.bytes() + " bytes; at most " + maxBytes + " are kept"));
                continue;
            }
            taken.add(commit);
            next = after;
            if (commit.encoded().length > 0) {
                payload.add(commit.encoded());
            }
        }
        if (!payload.isEmpty()) {
            append(payload, next);
        }
        taken.forEach(Commit::succeed);
        rotateIfLong();
    }

    /** Writes one frame; on disk when this returns. */
    private void append(List<byte[]> payload, Entries next) throws IOException {
        JournalFile target = journal;
        if (target != null && !target.isInPlace()) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "{0} was deleted or replaced while it was in use; all is written again",
                    disk.path(target.header().fileName()));
            journal = null;
            target.close();
            target = null;
        }
        if (target == null) {
            target = sequence == 0 ? begin() : beginWithAll();
        }
        target.append(Frame.encode(target.header().salt(), sequence + 1, payload));
        sequence++;
        entries = next;
        isSealed = false;
        isFull = false;
    }

    // For Opening

    long reserveBytes() {
        return snapshotBytes / 4;
    }

    /** Goes on in a journal. */
    void use(JournalFile file, boolean isClosed) {
        journal = file;
        nextNumber = file.header().number() + 1;
        isSealed = isClosed;
    }

    /** Writes all entries of another format in one frame. */
    void adopt(Entries adopted) throws IOException {
        append(List.of(ChangeFormat.encode(adopted.asChanges())), adopted);
    }

    /** Begins a new journal with a new snapshot before it, made now: nothing depends on older files any more. */
    JournalFile renew(long number) throws IOException {
        nextNumber = number;
        JournalFile fresh = begin();
        writeSnapshot(fresh.header(), entries);
        return fresh;
    }

    Failure fail(ErrorCode code, String message) {
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

    // Journals and snapshots

    private JournalFile begin() throws IOException {
        JournalFile next =
                JournalFile.create(disk, new FileHeader(Kind.JOURNAL, nextNumber, sequence, 0, salt()), reserveBytes());
        JournalFile before = journal;
        use(next, false);
        if (before != null) {
            before.close();
        }
        return next;
    }

    private JournalFile beginWithAll() throws IOException {
        try {
            return renew(nextNumber);
        } catch (IOException e) {
            // Without a snapshot before it, this journal is worth nothing.
            JournalFile worthless = journal;
            journal = null;
            if (worthless != null) {
                worthless.close();
            }
            throw e;
        }
    }

    private void rotateIfLong() {
        if (journal == null || journal.bytes() < journalBytes || !snapshot.isDone()) {
            return;
        }
        try {
            FileHeader header = begin().header();
            Entries now = entries;
            // A snapshot that is larger than the journal before it would cost more than the commits.
            journalBytes = Math.max(snapshotBytes, now.bytes());
            snapshot = CompletableFuture.runAsync(() -> snapshotBeside(header, now), snapshots);
        } catch (UncertainWriteException e) {
            stop(e);
        } catch (IOException e) {
            journalBytes = journal.bytes() + snapshotBytes;
            LOG.log(
                    System.Logger.Level.WARNING,
                    "no new journal could be begun in {0} ({1}); the old one goes on",
                    disk.path(""),
                    Reasons.of(e));
        }
    }

    private void snapshotBeside(FileHeader journalHeader, Entries content) {
        try {
            writeSnapshot(journalHeader, content);
        } catch (UncertainWriteException e) {
            stop(e);
        } catch (IOException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "no snapshot could be made in {0} ({1}); the journals before it are kept",
                    disk.path(""),
                    Reasons.of(e));
        } catch (RuntimeException | Error e) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "a defect while a snapshot was made; the journals before it are kept",
                    e);
        }
    }

    private void writeSnapshot(FileHeader journalHeader, Entries content) throws IOException {
        long number = journalHeader.number();
        SnapshotFile.write(
                disk,
                new FileHeader(Kind.SNAPSHOT, number, journalHeader.sequence(), content.count(), salt()),
                content);
        long previous = base;
        base = number;
        deleteBefore(previous);
    }

    /** The last two snapshots stay, and the journals since the older one. */
    private void deleteBefore(long number) throws IOException {
        for (String name : disk.names()) {
            long own = Math.max(Kind.JOURNAL.numberOf(name), Kind.SNAPSHOT.numberOf(name));
            if (own > 0 && own < number) {
                disk.delete(name);
            }
        }
    }

    /** Neither half of it is zero. */
    private long salt() {
        return random.nextLong() | 1L << Integer.SIZE | 1;
    }

    // Failures

    private static long batchBytes(List<Commit> batch) {
        return Frame.HEADER_BYTES
                + batch.stream().mapToLong(commit -> commit.encoded().length).sum();
    }

    private static void refuse(List<Commit> batch, Failure why) {
        batch.forEach(commit -> commit.fail(why));
    }

    private Failure notWritten(IOException e) {
        String message = "the state in " + disk.path("") + " could not be written (" + Reasons.of(e)
                + "); nothing was changed. Make room or restore the permissions, then try again";
        if (!isFull) {
            LOG.log(System.Logger.Level.WARNING, message);
            isFull = true;
        }
        return new Failure(ErrorCode.STATE_READ_ONLY, message);
    }

    private Failure stop(IOException e) {
        return fail(
                ErrorCode.STATE_READ_ONLY,
                "the disk failed while "
                        + (e instanceof UncertainWriteException
                                ? e.getMessage()
                                : "the state in " + disk.path("") + " was written (" + Reasons.of(e) + ")")
                        + "; nothing is written any more. Check the disk, then restart");
    }
}
