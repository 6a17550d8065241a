package org.circleosd.pluginmanager.state;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.List;

/**
 * The journal that is written to. It reserves room ahead: a write into bytes that the file has already needs no change
 * of its size, which costs a disk as much again.
 */
final class JournalFile implements Closeable {

    private final Disk disk;
    private final FileHeader header;
    private final Disk.DiskFile file;
    private final long reserveBytes;
    /** Where the next frame goes. */
    private long end;
    /** How long the file is; what lies behind the end is zero. */
    private long reserved;

    private JournalFile(Disk disk, FileHeader header, Disk.DiskFile file, long reserveBytes, long end) {
        this.disk = disk;
        this.header = header;
        this.file = file;
        this.reserveBytes = reserveBytes;
        this.end = end;
        reserved = end;
    }

    /**
     * Makes a journal without frames; failures are those of {@link NewFile}.
     *
     * @param reserveBytes how much room is reserved at once
     */
    static JournalFile create(Disk disk, FileHeader header, long reserveBytes) throws IOException {
        Disk.DiskFile file = NewFile.make(disk, header.fileName(), target -> {
            target.write(header.encode(), 0);
            reserve(disk, target, FileHeader.BYTES, FileHeader.BYTES + reserveBytes);
        });
        JournalFile journal = new JournalFile(disk, header, file, reserveBytes, FileHeader.BYTES);
        journal.reserved = file.size();
        return journal;
    }

    /**
     * Opens a journal and cuts off what lies behind its last valid frame.
     *
     * @throws IOException if that fails; whether it is cut off is unknown then
     */
    static JournalFile open(Disk disk, FileHeader header, long reserveBytes, long end) throws IOException {
        Disk.DiskFile file = disk.open(header.fileName());
        try {
            if (file.size() > end) {
                file.truncate(end);
                file.force();
            }
            return new JournalFile(disk, header, file, reserveBytes, end);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    FileHeader header() {
        return header;
    }

    long bytes() {
        return end;
    }

    /** Says whether the file still has its name. */
    boolean isInPlace() throws IOException {
        return disk.isNamed(file, header.fileName());
    }

    /** Writes a frame over the reserve, on disk when this returns. */
    void append(ByteBuffer frame) throws IOException {
        long next = end + frame.remaining();
        try {
            if (next > reserved) {
                reserve(disk, file, reserved, next + reserveBytes);
                reserved = file.size();
            }
            file.write(frame, end);
        } catch (IOException e) {
            takeBack(e);
            throw e;
        }
        force();
        end = next;
        reserved = Math.max(reserved, end);
    }

    /** Says with an empty frame that nothing comes after it, and gives back the reserve. */
    void seal(long sequence) throws IOException {
        if (end < reserved) {
            file.truncate(end);
            reserved = end;
        }
        ByteBuffer frame = Frame.encode(header.salt(), sequence, List.of());
        file.write(frame, end);
        file.force();
    }

    @Override
    public void close() throws IOException {
        file.close();
    }

    /** Writes zeroes, if there is room for them: a full disk may still have some for what is really written. */
    private static void reserve(Disk disk, Disk.DiskFile file, long from, long until) throws IOException {
        try {
            file.write(ByteBuffer.allocate(Math.toIntExact(until - from)), from);
        } catch (IOException e) {
            if (!disk.isFull(e, until - from)) {
                throw e;
            }
            file.truncate(from);
        }
    }

    /** Makes sure that nothing of a frame that was not written whole is found later. */
    private void takeBack(IOException reason) throws UncertainWriteException {
        try {
            file.truncate(end);
            file.force();
            reserved = end;
        } catch (IOException e) {
            reason.addSuppressed(e);
            throw new UncertainWriteException("a write to " + disk.path(header.fileName()) + " was taken back", reason);
        }
    }

    private void force() throws UncertainWriteException {
        try {
            file.force();
        } catch (IOException e) {
            throw new UncertainWriteException(disk.path(header.fileName()) + " was made durable", e);
        }
    }
}
