package org.circleosd.pluginmanager.state;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableSet;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import org.circleosd.pluginmanager.api.StateStore.Change;
import org.circleosd.pluginmanager.state.FileHeader.Kind;
import org.circleosd.pluginmanager.state.FrameReader.Rest;
import org.circleosd.pluginmanager.state.SnapshotFile.Content;
import org.jspecify.annotations.Nullable;

/**
 * Reads the newest snapshot and the journals since. {@code journal.N} begins where {@code snapshot.N} ends, and is
 * there before it; so an older snapshot with all journals since says the same as a newer one.
 */
final class Recovery {

    private final Disk disk;
    private final NavigableSet<Long> snapshots;
    private final NavigableSet<Long> journals;
    private final List<String> notes = new ArrayList<>();
    private final List<String> damagedFiles = new ArrayList<>();

    private Recovery(Disk disk, SortedSet<String> names) {
        this.disk = disk;
        snapshots = numbers(names, Kind.SNAPSHOT);
        journals = numbers(names, Kind.JOURNAL);
    }

    /**
     * Reads what is there; changes nothing.
     *
     * @throws IOException if the disk fails, which says nothing about what is there
     */
    static Found read(Disk disk) throws IOException {
        return new Recovery(disk, disk.names()).read();
    }

    private Found read() throws IOException {
        Content base = null;
        // An older one than that of the first journal that is there is of no use.
        for (long number : snapshots.descendingSet()) {
            try {
                base = SnapshotFile.read(disk, number);
                break;
            } catch (DamagedStateException e) {
                damagedFiles.add(Kind.SNAPSHOT.fileName(number));
                notes.add(disk.path(Kind.SNAPSHOT.fileName(number)) + " is damaged: " + e.getMessage());
            }
        }
        if (base == null) {
            base = new Content(new FileHeader(Kind.SNAPSHOT, first(journals), 0, 0, 0), new TreeMap<>());
            if (journals.isEmpty()) {
                return snapshots.isEmpty()
                        ? found(base, 0, null, 0, Rest.NOTHING, true, null)
                        : corrupt(base, 0, "no snapshot can be read, and no journal is there");
            }
        }
        return replay(base);
    }

    private Found replay(Content base) throws IOException {
        long sequence = base.header().sequence();
        FileHeader header = null;
        long last = Math.max(base.header().number(), journals.isEmpty() ? 0 : journals.last());
        for (long number = base.header().number(); number <= last; number++) {
            String name = Kind.JOURNAL.fileName(number);
            if (!journals.contains(number)) {
                return corrupt(base, sequence, disk.path(name) + " is missing");
            }
            try (Disk.DiskFile file = disk.open(name)) {
                header = FileHeader.read(file, Kind.JOURNAL, number);
                if (header.sequence() != sequence) {
                    throw new DamagedStateException("it goes on after record " + header.sequence()
                            + ", but the last one before is " + sequence);
                }
                FrameReader frames = new FrameReader(file, header.salt());
                boolean isSealed = false;
                byte[] payload;
                while ((payload = frames.next(sequence + 1)) != null) {
                    List<Change> changes = new ArrayList<>();
                    ChangeFormat.decode(payload, changes::add);
                    changes.forEach(base::apply);
                    isSealed = payload.length == 0;
                    sequence++;
                }
                Rest rest = frames.isAtEnd() ? Rest.NOTHING : frames.rest();
                if (rest == Rest.FRAMES || (number < last && rest == Rest.NO_FRAME)) {
                    throw new DamagedStateException(
                            "it has no valid record at byte " + frames.position() + ", but valid ones behind it");
                }
                if (number == last) {
                    boolean isClosed = isSealed && frames.isAtEnd();
                    return found(base, sequence, header, frames.position(), rest, isClosed, null);
                }
            } catch (DamagedStateException e) {
                damagedFiles.add(name);
                return corrupt(base, sequence, disk.path(name) + " is damaged: " + e.getMessage());
            }
        }
        throw new IllegalStateException("no journal was read of " + journals);
    }

    private Found corrupt(Content base, long sequence, String damage) {
        return found(base, sequence, null, 0, Rest.NOTHING, false, damage);
    }

    private Found found(
            Content base,
            long sequence,
            @Nullable FileHeader journal,
            long end,
            Rest rest,
            boolean isClosed,
            @Nullable String corruption) {
        return new Found(
                Entries.of(base.buckets()),
                base.header().number(),
                sequence,
                journal,
                end,
                rest,
                isClosed,
                notes,
                damagedFiles,
                corruption);
    }

    private static long first(NavigableSet<Long> numbers) {
        return numbers.isEmpty() ? 1 : numbers.first();
    }

    private static NavigableSet<Long> numbers(SortedSet<String> names, Kind kind) {
        NavigableSet<Long> numbers = new TreeSet<>();
        for (String name : names) {
            if (kind.numberOf(name) > 0) {
                numbers.add(kind.numberOf(name));
            }
        }
        return numbers;
    }

    /**
     * What was found.
     *
     * @param entries all, or, after a corruption, those that are sure
     * @param base number of the snapshot that was read, or of the first journal if there is none
     * @param sequence of the last frame
     * @param journal the one that is to be continued; null if there is none
     * @param end where its last valid frame ends
     * @param rest what lies behind that
     * @param isClosed whether the store was closed properly, or never used
     * @param notes damage that lost nothing
     * @param damagedFiles names of the files with damage
     * @param corruption what is wrong if not all could be read
     */
    record Found(
            Entries entries,
            long base,
            long sequence,
            @Nullable FileHeader journal,
            long end,
            Rest rest,
            boolean isClosed,
            List<String> notes,
            List<String> damagedFiles,
            @Nullable String corruption) {}
}
