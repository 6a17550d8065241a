package org.circleosd.pluginmanager.sandbox.wasi;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.sandbox.wasi.tree.FileStat;
import org.circleosd.pluginmanager.sandbox.wasi.tree.PathWalk;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFailure;
import org.circleosd.pluginmanager.sandbox.wasi.tree.WasiErrno;

/** Values in a guest's memory. */
final class GuestData {

    static final int FILESTAT_SIZE = 64;

    private GuestData() {}

    /** Fails with {@link WasiErrno#FAULT} if a range does not lie inside the memory; both numbers are unsigned. */
    static void check(GuestMemory memory, int address, int length) {
        if (!Wasi.fits(memory, address, Integer.toUnsignedLong(length))) {
            throw TreeFailure.of(WasiErrno.FAULT);
        }
    }

    static long readLong(GuestMemory memory, int address) {
        return Integer.toUnsignedLong(memory.readInt(address)) | (long) memory.readInt(address + 4) << 32;
    }

    /** Reads a path, or what a link is to hold: UTF-8 without a NUL. */
    static String text(GuestMemory memory, int address, int length) {
        check(memory, address, length);
        if (length < 0 || length > PathWalk.MAX_PATH) {
            throw TreeFailure.of(WasiErrno.NAMETOOLONG);
        }
        String text;
        try {
            text = UTF_8.newDecoder()
                    .decode(ByteBuffer.wrap(memory.read(address, length)))
                    .toString();
        } catch (CharacterCodingException e) {
            throw TreeFailure.of(WasiErrno.ILSEQ);
        }
        if (text.isEmpty()) {
            throw TreeFailure.of(WasiErrno.NOENT);
        }
        if (text.indexOf('\0') >= 0) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        return text;
    }

    /** Writes a {@code filestat}; the range was checked. */
    static void write(GuestMemory memory, int address, FileStat stat) {
        memory.writeLong(address, stat.device());
        memory.writeLong(address + 8, stat.inode());
        memory.writeLong(address + 16, stat.type().code());
        memory.writeLong(address + 24, stat.links());
        memory.writeLong(address + 32, stat.size());
        memory.writeLong(address + 40, stat.accessed());
        memory.writeLong(address + 48, stat.modified());
        memory.writeLong(address + 56, stat.changed());
    }
}
