package org.circleosd.pluginmanager.state;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.SortedSet;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.state.FileHeader.Kind;
import org.circleosd.pluginmanager.state.Recovery.Found;
import org.h2.mvstore.MVStoreException;

/**
 * Moves the state from one provider to the other. While {@code state.mv} is there, it has the state; all else in the
 * folder is what an interrupted move has left. To the other provider it goes as a file of format 1, which that one reads.
 */
final class Handover {

    private static final System.Logger LOG = System.getLogger(Handover.class.getName());

    private final Disk disk;
    private final Thread thread;

    private Handover(Disk disk) {
        this.disk = disk;
        thread = new NamedThreads("state-handover", NamedThreads.GUEST_STACK).newThread(this::out);
    }

    /** Begins to leave what an MVStore has to another provider; without one, nothing is done. */
    static Handover begin(Disk disk) {
        Handover handover = new Handover(disk);
        handover.thread.start();
        return handover;
    }

    void await() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it ends by itself
        }
    }

    /**
     * Takes over what another provider has, if there is no MVStore yet.
     *
     * @throws DamagedStateException if not all of it can be read
     */
    static void in(Disk disk) throws IOException, DamagedStateException {
        SortedSet<String> names = disk.names();
        if (!names.contains(MvFile.NAME)) {
            Entries entries = ofOthers(disk, names);
            String temporary = MvFile.NAME + NewFile.TEMPORARY;
            disk.delete(temporary);
            disk.create(temporary).close(); // for its owner only
            try (MvFile file = MvFile.open(disk.path(temporary))) {
                file.commit(entries.asChanges());
            } catch (MVStoreException e) {
                throw new IOException(e.getMessage(), e);
            }
            try (Disk.DiskFile file = disk.open(temporary)) {
                file.force();
            }
            disk.move(temporary, MvFile.NAME);
            disk.force();
            if (entries.count() > 0) {
                LOG.log(
                        System.Logger.Level.INFO,
                        "took over {0} entries of another provider into {1}",
                        entries.count(),
                        disk.path(MvFile.NAME));
            }
        }
        deleteOthers(disk);
    }

    private static Entries ofOthers(Disk disk, SortedSet<String> names) throws IOException, DamagedStateException {
        Found found = Recovery.read(disk);
        if (found.corruption() != null) {
            throw new DamagedStateException("the journal cannot be taken over: " + found.corruption()
                    + "; choose the provider journal again, which says what to do");
        }
        if (!names.contains(Opening.FORMAT_1)) {
            return found.entries();
        }
        Entries old = StateFormat.decode(Opening.content(disk, Opening.FORMAT_1));
        if (found.entries().count() > 0
                && !Arrays.equals(StateFormat.encode(old), StateFormat.encode(found.entries()))) {
            throw new DamagedStateException("there are two states: " + disk.path(Opening.FORMAT_1)
                    + " and the journal beside it, and they differ; move one of them away");
        }
        return old;
    }

    private static void deleteOthers(Disk disk) throws IOException {
        for (String name : disk.names()) {
            if (Kind.JOURNAL.numberOf(name) > 0 || Kind.SNAPSHOT.numberOf(name) > 0 || name.equals(Opening.FORMAT_1)) {
                disk.delete(name);
            }
        }
        disk.force();
    }

    private void out() {
        Object folder = disk.identity().intern();
        synchronized (folder) {
            try {
                disk.prepare();
                if (disk.names().contains(MvFile.NAME)) {
                    Closeable lock = disk.lock();
                    try {
                        leave();
                    } finally {
                        lock.close();
                    }
                }
            } catch (IOException | MVStoreException e) {
                LOG.log(
                        System.Logger.Level.ERROR,
                        "the state in {0} could not be handed over ({1}); put that right, then restart",
                        disk.path(MvFile.NAME),
                        e.getMessage());
            }
            folder.notifyAll();
        }
    }

    /** Writes the file of format 1, then deletes the MVStore: a crash between begins it anew. */
    private void leave() throws IOException {
        Entries entries;
        try (MvFile file = MvFile.openReadOnly(disk.path(MvFile.NAME))) {
            entries = file.all();
        }
        deleteOthers(disk);
        byte[] content = StateFormat.encode(entries);
        NewFile.make(disk, Opening.FORMAT_1, file -> file.write(ByteBuffer.wrap(content), 0))
                .close();
        disk.delete(MvFile.NAME);
        disk.force();
        LOG.log(
                System.Logger.Level.INFO,
                "handed over {0} entries of {1} to another provider",
                entries.count(),
                disk.path(MvFile.NAME));
    }
}
