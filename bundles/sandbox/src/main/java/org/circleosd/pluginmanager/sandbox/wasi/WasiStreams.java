package org.circleosd.pluginmanager.sandbox.wasi;

import org.circleosd.pluginmanager.api.engine.GuestMemory;

/** The descriptors 0, 1 and 2 of a guest; there are no others. Every method returns a {@link WasiErrno}. */
final class WasiStreams {

    private static final int STDIN = 0;
    private static final int STDOUT = 1;
    private static final int COUNT = 3;

    private static final int FDSTAT_SIZE = 24;
    private static final int FILESTAT_SIZE = 64;

    private static final long RIGHT_READ = 1L << 1;
    private static final long RIGHT_WRITE = 1L << 6;
    private static final long RIGHT_POLL = 1L << 27;

    private final GuestOutput stderr;
    private GuestOutput stdout;
    private byte[] stdin = {};
    private int stdinAt;
    /** One bit a descriptor. */
    private int closed;

    WasiStreams(GuestOutput stdout, GuestOutput stderr) {
        this.stdout = stdout;
        this.stderr = stderr;
    }

    void redirect(byte[] newStdin, GuestOutput newStdout) {
        stdin = newStdin;
        stdinAt = 0;
        stdout = newStdout;
    }

    /** Forgets what the guest closed: each call has its own streams. */
    void reopen() {
        closed = 0;
    }

    boolean isOpen(int fd) {
        return fd >= 0 && fd < COUNT && (closed & 1 << fd) == 0;
    }

    /** Returns the error if the descriptor is open, else {@link WasiErrno#BADF}. */
    int ifOpen(int fd, int error) {
        return isOpen(fd) ? error : WasiErrno.BADF;
    }

    int close(int fd) {
        if (!isOpen(fd)) {
            return WasiErrno.BADF;
        }
        closed |= 1 << fd;
        return WasiErrno.SUCCESS;
    }

    /** Bytes that a read would give at once. */
    int readable(int fd) {
        return fd == STDIN ? stdin.length - stdinAt : 0;
    }

    int read(GuestMemory memory, int fd, int vectorsAt, int count, int readAt) {
        if (fd != STDIN || !isOpen(fd)) {
            return WasiErrno.BADF;
        }
        if (!Wasi.fits(memory, readAt, 4)) {
            return WasiErrno.FAULT;
        }
        IoVectors vectors = IoVectors.read(memory, vectorsAt, count);
        int before = stdinAt;
        for (int i = 0; i < vectors.count() && stdinAt < stdin.length; i++) {
            int length = Math.min(vectors.length(i), stdin.length - stdinAt);
            memory.write(vectors.address(i), stdin, stdinAt, length);
            stdinAt += length;
        }
        memory.writeInt(readAt, stdinAt - before);
        return vectors.error();
    }

    int write(GuestMemory memory, int fd, int vectorsAt, int count, int writtenAt) {
        if (fd == STDIN || !isOpen(fd)) {
            return WasiErrno.BADF;
        }
        if (!Wasi.fits(memory, writtenAt, 4)) {
            return WasiErrno.FAULT;
        }
        IoVectors vectors = IoVectors.read(memory, vectorsAt, count);
        GuestOutput output = fd == STDOUT ? stdout : stderr;
        int written = 0;
        for (int i = 0; i < vectors.count(); i++) {
            output.write(memory, vectors.address(i), vectors.length(i));
            written += vectors.length(i);
        }
        memory.writeInt(writtenAt, written);
        return vectors.error();
    }

    /** Describes the stream as of unknown type: a character device would make C libraries flush at each line. */
    int fdstat(GuestMemory memory, int fd, int statAt) {
        if (!isOpen(fd)) {
            return WasiErrno.BADF;
        }
        if (!Wasi.fits(memory, statAt, FDSTAT_SIZE)) {
            return WasiErrno.FAULT;
        }
        memory.writeLong(statAt, 0);
        memory.writeLong(statAt + 8, (fd == STDIN ? RIGHT_READ : RIGHT_WRITE) | RIGHT_POLL);
        memory.writeLong(statAt + 16, 0);
        return WasiErrno.SUCCESS;
    }

    int filestat(GuestMemory memory, int fd, int statAt) {
        if (!isOpen(fd)) {
            return WasiErrno.BADF;
        }
        if (!Wasi.fits(memory, statAt, FILESTAT_SIZE)) {
            return WasiErrno.FAULT;
        }
        for (int at = 0; at < FILESTAT_SIZE; at += 8) {
            memory.writeLong(statAt + at, 0);
        }
        int links = 24;
        memory.writeLong(statAt + links, 1);
        return WasiErrno.SUCCESS;
    }
}
