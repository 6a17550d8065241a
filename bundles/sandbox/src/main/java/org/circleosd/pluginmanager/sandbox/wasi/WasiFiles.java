package org.circleosd.pluginmanager.sandbox.wasi;

import static java.nio.charset.StandardCharsets.UTF_8;

import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.sandbox.wasi.tree.NewTimes;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFailure;
import org.circleosd.pluginmanager.sandbox.wasi.tree.WasiErrno;

/**
 * The functions of WASI that take a descriptor: what they check, in which order, and what they do. Every method throws
 * {@link TreeFailure}, before it has any effect if an address of the guest is wrong.
 */
final class WasiFiles {

    private static final int FDSTAT_SIZE = 24;
    private static final int PRESTAT_SIZE = 8;
    private static final int SET = 0;
    private static final int CURRENT = 1;
    private static final int END = 2;
    private static final int LAST_ADVICE = 5;

    private final Descriptors descriptors;

    WasiFiles(Descriptors descriptors) {
        this.descriptors = descriptors;
    }

    void read(GuestMemory memory, int fd, int vectorsAt, int count, int readAt) {
        Descriptor from = descriptors.get(fd).needDirection(WasiRights.FD_READ);
        GuestData.check(memory, readAt, 4);
        IoVectors vectors = IoVectors.read(memory, vectorsAt, count);
        int read = from.opened() instanceof OpenStream stream
                ? stream.read(memory, vectors)
                : from.file().read(memory, vectors);
        memory.writeInt(readAt, read);
    }

    void readAt(GuestMemory memory, int fd, int vectorsAt, int count, long position, int readAt) {
        Descriptor from = descriptors.get(fd);
        OpenFile file = from.file();
        from.needDirection(WasiRights.FD_READ).need(WasiRights.FD_SEEK);
        GuestData.check(memory, readAt, 4);
        IoVectors vectors = IoVectors.read(memory, vectorsAt, count);
        memory.writeInt(readAt, file.readAt(memory, vectors, notNegative(position)));
    }

    void write(GuestMemory memory, int fd, int vectorsAt, int count, int writtenAt) {
        Descriptor to = descriptors.get(fd).needDirection(WasiRights.FD_WRITE);
        GuestData.check(memory, writtenAt, 4);
        IoVectors vectors = IoVectors.read(memory, vectorsAt, count);
        int written = to.opened() instanceof OpenStream stream
                ? stream.write(memory, vectors)
                : to.file().write(memory, vectors, to.has(Descriptor.APPEND));
        syncIfWanted(to);
        memory.writeInt(writtenAt, written);
    }

    void writeAt(GuestMemory memory, int fd, int vectorsAt, int count, long position, int writtenAt) {
        Descriptor to = descriptors.get(fd);
        OpenFile file = to.file();
        to.needDirection(WasiRights.FD_WRITE).need(WasiRights.FD_SEEK);
        GuestData.check(memory, writtenAt, 4);
        IoVectors vectors = IoVectors.read(memory, vectorsAt, count);
        int written = file.writeAt(memory, vectors, notNegative(position), to.has(Descriptor.APPEND));
        syncIfWanted(to);
        memory.writeInt(writtenAt, written);
    }

    void seek(GuestMemory memory, int fd, long offset, int whence, int positionAt) {
        Descriptor moved = descriptors.get(fd);
        OpenFile file = moved.file();
        boolean telling = offset == 0 && whence == CURRENT;
        moved.need(telling ? WasiRights.FD_SEEK | WasiRights.FD_TELL : WasiRights.FD_SEEK);
        GuestData.check(memory, positionAt, 8);
        switch (whence) {
            case SET -> file.move(0, offset);
            case CURRENT -> file.move(file.position(), offset);
            case END -> file.move(file.file().size(), offset);
            default -> throw TreeFailure.of(WasiErrno.INVAL);
        }
        memory.writeLong(positionAt, file.position());
    }

    void tell(GuestMemory memory, int fd, int positionAt) {
        Descriptor asked = descriptors.get(fd);
        OpenFile file = asked.file();
        asked.need(WasiRights.FD_TELL | WasiRights.FD_SEEK);
        GuestData.check(memory, positionAt, 8);
        memory.writeLong(positionAt, file.position());
    }

    /** Knows better than any advice. */
    void advise(int fd, int advice) {
        Descriptor advised = descriptors.get(fd);
        advised.file();
        advised.need(WasiRights.FD_ADVISE);
        if (advice < 0 || advice > LAST_ADVICE) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
    }

    /** Makes the file long enough. On a disk it takes the quota's room, not yet the disk's. */
    void allocate(int fd, long offset, long length) {
        Descriptor allocated = descriptors.get(fd);
        OpenFile file = allocated.file();
        allocated.need(WasiRights.FD_ALLOCATE);
        if (notNegative(length) == 0 || offset > Long.MAX_VALUE - length) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        long end = notNegative(offset) + length;
        if (end > file.file().size()) {
            file.file().resize(end);
        }
    }

    void sync(int fd, boolean metadata) {
        Descriptor synced = descriptors.get(fd);
        if (synced.opened() instanceof OpenFile file) {
            synced.need(metadata ? WasiRights.FD_SYNC : WasiRights.FD_DATASYNC);
            file.file().sync(metadata);
        }
    }

    void stat(GuestMemory memory, int fd, int statAt) {
        Descriptor asked = descriptors.get(fd).need(WasiRights.FD_FILESTAT_GET);
        GuestData.check(memory, statAt, GuestData.FILESTAT_SIZE);
        GuestData.write(memory, statAt, asked.opened().stat());
    }

    void setSize(int fd, long size) {
        Descriptor resized = descriptors.get(fd);
        if (resized.opened() instanceof OpenStream) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        OpenFile file = resized.file();
        resized.need(WasiRights.FD_FILESTAT_SET_SIZE);
        file.file().resize(notNegative(size));
    }

    void setTimes(int fd, long accessed, long modified, int flags) {
        Descriptor changed = descriptors.get(fd).need(WasiRights.FD_FILESTAT_SET_TIMES);
        NewTimes times = TimeChange.of(accessed, modified, flags);
        if (changed.opened() instanceof OpenFolder folder) {
            folder.folder().setTimes(times);
        } else {
            changed.file().file().setTimes(times);
        }
    }

    void descriptorStat(GuestMemory memory, int fd, int statAt) {
        Descriptor asked = descriptors.get(fd);
        GuestData.check(memory, statAt, FDSTAT_SIZE);
        memory.writeLong(statAt, asked.type().code() | (long) asked.flags() << 16);
        memory.writeLong(statAt + 8, asked.base());
        memory.writeLong(statAt + 16, asked.inheriting());
    }

    void setFlags(int fd, int flags) {
        descriptors.get(fd).need(WasiRights.FD_FDSTAT_SET_FLAGS).setFlags(flags & 0xffff);
    }

    void setRights(int fd, long base, long inheriting) {
        descriptors.get(fd).setRights(base, inheriting);
    }

    void close(int fd) {
        descriptors.close(fd);
    }

    void renumber(int from, int to) {
        descriptors.renumber(from, to);
    }

    void prestat(GuestMemory memory, int fd, int prestatAt) {
        byte[] name = preopened(fd);
        GuestData.check(memory, prestatAt, PRESTAT_SIZE);
        // Kind 0: a directory; there is no other.
        memory.writeInt(prestatAt, 0);
        memory.writeInt(prestatAt + 4, name.length);
    }

    void prestatName(GuestMemory memory, int fd, int nameAt, int length) {
        byte[] name = preopened(fd);
        GuestData.check(memory, nameAt, length);
        if (Integer.toUnsignedLong(length) < name.length) {
            throw TreeFailure.of(WasiErrno.NAMETOOLONG);
        }
        memory.write(nameAt, name, 0, name.length);
    }

    void refuseSocket(int fd) {
        descriptors.get(fd);
        throw TreeFailure.of(WasiErrno.NOTSOCK);
    }

    private byte[] preopened(int fd) {
        String name = descriptors.get(fd).preopened();
        if (name == null) {
            throw TreeFailure.of(WasiErrno.BADF);
        }
        return name.getBytes(UTF_8);
    }

    private static void syncIfWanted(Descriptor written) {
        boolean all = written.has(Descriptor.SYNC);
        if (all || written.has(Descriptor.DSYNC)) {
            if (written.opened() instanceof OpenFile file) {
                file.file().sync(all);
            }
        }
    }

    /** An unsigned number above the largest long is no place in any file. */
    private static long notNegative(long number) {
        if (number < 0) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        return number;
    }
}
