package org.circleosd.pluginmanager.state;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.circleosd.pluginmanager.api.StateStore.Change;

/** All entries at one moment, in frames that are numbered from 1. */
final class SnapshotFile {

    private static final int FRAME_BYTES = 256 << 10;

    private SnapshotFile() {}

    /** Writes a snapshot, on disk when this returns; failures are those of {@link NewFile}. */
    static void write(Disk disk, FileHeader header, Entries entries) throws IOException {
        NewFile.make(disk, header.fileName(), file -> {
                    FrameWriter frames = new FrameWriter(file, header.salt());
                    file.write(header.encode(), 0);
                    try {
                        entries.forEach(frames::add);
                        frames.flush();
                    } catch (UncheckedIOException e) {
                        throw e.getCause();
                    }
                })
                .close();
    }

    /**
     * Reads a snapshot.
     *
     * @throws DamagedStateException if a single bit is not as it was written
     */
    static Content read(Disk disk, long number) throws IOException, DamagedStateException {
        try (Disk.DiskFile file = disk.open(FileHeader.Kind.SNAPSHOT.fileName(number))) {
            FileHeader header = FileHeader.read(file, FileHeader.Kind.SNAPSHOT, number);
            FrameReader frames = new FrameReader(file, header.salt());
            Content content = new Content(header, new TreeMap<>());
            long count = 0;
            for (long sequence = 1; !frames.isAtEnd(); sequence++) {
                byte[] payload = frames.next(sequence);
                if (payload == null) {
                    throw new DamagedStateException("it has no valid frame at byte " + frames.position());
                }
                List<Change> changes = new ArrayList<>();
                ChangeFormat.decode(payload, changes::add);
                changes.forEach(content::apply);
                count += changes.size();
            }
            if (count != header.count()) {
                throw new DamagedStateException("it has " + count + " entries; its header says " + header.count());
            }
            return content;
        }
    }

    /** What was read, to which the journal's changes are added. */
    record Content(FileHeader header, NavigableMap<String, NavigableMap<String, byte[]>> buckets) {

        void apply(Change change) {
            byte[] value = change.value();
            NavigableMap<String, byte[]> bucket = buckets.computeIfAbsent(change.bucket(), name -> new TreeMap<>());
            if (value == null) {
                bucket.remove(change.key());
            } else {
                bucket.put(change.key(), value);
            }
        }
    }

    private static final class FrameWriter {

        private final Disk.DiskFile file;
        private final long salt;
        private final List<byte[]> payload = new ArrayList<>();
        private int payloadBytes;
        private long sequence;
        private long position = FileHeader.BYTES;

        FrameWriter(Disk.DiskFile file, long salt) {
            this.file = file;
            this.salt = salt;
        }

        void add(Change entry) {
            byte[] bytes = ChangeFormat.encode(List.of(entry));
            payload.add(bytes);
            payloadBytes += bytes.length;
            if (payloadBytes >= FRAME_BYTES) {
                flush();
            }
        }

        void flush() {
            if (payload.isEmpty()) {
                return;
            }
            sequence++;
            try {
                file.write(Frame.encode(salt, sequence, payload), position);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            position += Frame.HEADER_BYTES + payloadBytes;
            payload.clear();
            payloadBytes = 0;
        }
    }
}
