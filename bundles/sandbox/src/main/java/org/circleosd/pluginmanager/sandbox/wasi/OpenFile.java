package org.circleosd.pluginmanager.sandbox.wasi;

import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.sandbox.wasi.tree.FileStat;
import org.circleosd.pluginmanager.sandbox.wasi.tree.Interruption;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFailure;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFile;
import org.circleosd.pluginmanager.sandbox.wasi.tree.WasiErrno;

/** A file with the position where the guest reads and writes next. Bytes are copied in pieces. */
final class OpenFile implements Opened {

    private static final int PIECE = 1 << 16;

    private final TreeFile file;
    private long position;

    OpenFile(TreeFile file) {
        this.file = file;
    }

    TreeFile file() {
        return file;
    }

    long position() {
        return position;
    }

    void seek(long newPosition) {
        position = newPosition;
    }

    int read(GuestMemory memory, IoVectors vectors) {
        int count = readAt(memory, vectors, position);
        position += count;
        return count;
    }

    int readAt(GuestMemory memory, IoVectors vectors, long start) {
        byte[] piece = new byte[vectors.largest(PIECE)];
        int total = 0;
        for (int i = 0; i < vectors.count(); i++) {
            for (int done = 0; done < vectors.length(i); ) {
                Interruption.stopIfInterrupted();
                int wanted = Math.min(piece.length, vectors.length(i) - done);
                int count = file.read(piece, wanted, start + total);
                memory.write(vectors.address(i) + done, piece, 0, count);
                done += count;
                total += count;
                if (count < wanted) {
                    return total;
                }
            }
        }
        return total;
    }

    int write(GuestMemory memory, IoVectors vectors, boolean append) {
        int count = writeAt(memory, vectors, position, append);
        position = append ? file.size() : position + count;
        return count;
    }

    /** Writes as much as the folder has room for; fails only if that is nothing. */
    int writeAt(GuestMemory memory, IoVectors vectors, long start, boolean append) {
        int total = 0;
        try {
            for (int i = 0; i < vectors.count(); i++) {
                for (int done = 0; done < vectors.length(i); ) {
                    Interruption.stopIfInterrupted();
                    int length = Math.min(PIECE, vectors.length(i) - done);
                    byte[] piece = memory.read(vectors.address(i) + done, length);
                    if (append) {
                        file.append(piece, length);
                    } else {
                        file.write(piece, length, start + total);
                    }
                    done += length;
                    total += length;
                }
            }
        } catch (TreeFailure e) {
            if (total == 0) {
                throw e;
            }
        }
        return total;
    }

    /**
     * Moves the position.
     *
     * @throws TreeFailure {@link WasiErrno#INVAL} for a place before the file or past every file
     */
    void move(long from, long offset) {
        long target = from + offset;
        if (target < 0) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        position = target;
    }

    @Override
    public FileStat stat() {
        return file.stat();
    }

    @Override
    public void close() {
        file.close();
    }
}
