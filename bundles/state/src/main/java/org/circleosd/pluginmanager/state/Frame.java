package org.circleosd.pluginmanager.state;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.zip.CRC32C;

/**
 * What is written, and valid, as a whole: all changes of one write. Numbers are big-endian:
 *
 * <pre>
 * marker    u32   the first half of the file's salt
 * length    u32   of the payload
 * sequence  u64   one more than that of the frame before
 * checksum  u32   CRC32C of the file's salt and all of the frame but the checksum
 * payload         changes; in a journal, an empty payload says that the store was closed here
 * </pre>
 *
 * The salt makes the checksum's start another one than zero, and different in each file: neither zeroes nor a plugin's
 * value nor a frame of another file pass as a frame.
 */
final class Frame {

    static final int HEADER_BYTES = 3 * Integer.BYTES + Long.BYTES;

    private static final int CHECKSUM_AT = HEADER_BYTES - Integer.BYTES;

    private Frame() {}

    /** Makes a frame of pieces of a payload. */
    static ByteBuffer encode(long salt, long sequence, List<byte[]> payload) {
        long length = payload.stream().mapToLong(piece -> piece.length).sum();
        ByteBuffer frame = ByteBuffer.allocate(Math.toIntExact(HEADER_BYTES + length));
        frame.putInt(marker(salt)).putInt((int) length).putLong(sequence).putInt(0);
        payload.forEach(frame::put);
        frame.flip();
        return frame.putInt(CHECKSUM_AT, checksum(salt, frame, 0, (int) length));
    }

    static int marker(long salt) {
        return (int) (salt >>> Integer.SIZE);
    }

    /** Says whether a frame with a right checksum lies in these bytes. */
    static boolean isValid(long salt, ByteBuffer bytes, int at) {
        int left = bytes.limit() - at - HEADER_BYTES;
        if (left < 0 || bytes.getInt(at) != marker(salt)) {
            return false;
        }
        int length = bytes.getInt(at + Integer.BYTES);
        return length >= 0 && length <= left && bytes.getInt(at + CHECKSUM_AT) == checksum(salt, bytes, at, length);
    }

    private static int checksum(long salt, ByteBuffer bytes, int at, int length) {
        CRC32C crc = new CRC32C();
        crc.update(ByteBuffer.allocate(Long.BYTES).putLong(0, salt));
        crc.update(bytes.slice(at, CHECKSUM_AT));
        crc.update(bytes.slice(at + HEADER_BYTES, length));
        return (int) crc.getValue();
    }
}
