package org.circleosd.pluginmanager.sandbox.wasi;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.sandbox.wasi.tree.FileStat;
import org.circleosd.pluginmanager.sandbox.wasi.tree.Interruption;
import org.jspecify.annotations.Nullable;

/** {@code fd_readdir}: entries of a folder, from a given one on, as many as the guest has room for. */
final class WasiListing {

    private static final int HEADER = 24;
    /** The folder itself and the one above come first. */
    private static final int DOTS = 2;

    private final Descriptors descriptors;

    WasiListing(Descriptors descriptors) {
        this.descriptors = descriptors;
    }

    /**
     * Lists entries. The last one may be cut at the end of the room: then the guest asks again from it on.
     *
     * @param cookie how many entries come before; 0 begins anew
     */
    void list(GuestMemory memory, int fd, int roomAt, int room, long cookie, int usedAt) {
        Descriptor asked = descriptors.get(fd);
        OpenFolder folder = asked.folder();
        asked.need(WasiRights.FD_READDIR);
        GuestData.check(memory, roomAt, room);
        GuestData.check(memory, usedAt, 4);
        List<String> names = folder.list(cookie == 0, descriptors.listingRoom(folder));
        long left = Integer.toUnsignedLong(room);
        int at = roomAt;
        int last = names.size() + DOTS;
        for (long i = Long.compareUnsigned(cookie, last) < 0 ? cookie : last; i < last && left > 0; i++) {
            Interruption.stopIfInterrupted();
            byte[] entry = entry(folder, names, (int) i);
            if (entry != null) {
                int length = (int) Math.min(left, entry.length);
                memory.write(at, entry, 0, length);
                at += length;
                left -= length;
            }
        }
        memory.writeInt(usedAt, at - roomAt);
    }

    /** Describes an entry; null if it is gone. */
    private static byte @Nullable [] entry(OpenFolder folder, List<String> names, int index) {
        // The folder above may lie outside of what the guest sees.
        boolean dots = index < DOTS;
        String text = dots ? "..".substring(0, index + 1) : names.get(index - DOTS);
        FileStat stat = dots ? folder.stat() : folder.folder().find(text);
        if (stat == null) {
            return null;
        }
        byte[] name = text.getBytes(UTF_8);
        return ByteBuffer.allocate(HEADER + name.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(index + 1L)
                .putLong(stat.inode())
                .putInt(name.length)
                .putInt(stat.type().code())
                .put(name)
                .array();
    }
}
