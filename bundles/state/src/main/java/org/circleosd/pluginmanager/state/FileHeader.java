package org.circleosd.pluginmanager.state;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.zip.CRC32C;

/**
 * How journals and snapshots begin; numbers are big-endian:
 *
 * <pre>
 * magic     8 bytes   "CPMJOURN" or "CPMSNAPS"
 * format    u32       2
 * number    u64       the one in the file's name
 * sequence  u64       of the last frame of a journal that came before this file's content
 * count     u64       of a snapshot: how many entries it has; of a journal: 0
 * salt      u64       random, not 0: what a plugin keeps must not look like a frame of this file
 * checksum  u32       CRC32C of all bytes before
 * </pre>
 */
record FileHeader(Kind kind, long number, long sequence, long count, long salt) {

    enum Kind {
        JOURNAL("journal", "CPMJOURN"),
        SNAPSHOT("snapshot", "CPMSNAPS");

        private final String word;
        private final long magic;

        Kind(String word, String magic) {
            this.word = word;
            this.magic =
                    ByteBuffer.wrap(magic.getBytes(StandardCharsets.US_ASCII)).getLong();
        }

        String fileName(long number) {
            return word + "." + number;
        }

        /** Returns the number in a file's name; 0 if it is another file's. */
        long numberOf(String name) {
            String digits = name.startsWith(word + ".") ? name.substring(word.length() + 1) : "";
            return digits.matches("[1-9][0-9]{0,17}") ? Long.parseLong(digits) : 0;
        }
    }

    static final int BYTES = 5 * Long.BYTES + 2 * Integer.BYTES;

    private static final int FORMAT = 2;

    String fileName() {
        return kind.fileName(number);
    }

    ByteBuffer encode() {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        bytes.putLong(kind.magic).putInt(FORMAT).putLong(number).putLong(sequence);
        bytes.putLong(count).putLong(salt);
        return bytes.putInt(checksum(bytes.array())).flip();
    }

    /**
     * Reads the header of a file.
     *
     * @throws DamagedStateException if it is not the header of this file, bit by bit
     */
    static FileHeader read(Disk.DiskFile file, Kind kind, long number) throws IOException, DamagedStateException {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES);
        while (bytes.hasRemaining() && file.read(bytes, bytes.position()) > 0) {
            // A read may bring less than was asked for.
        }
        if (bytes.hasRemaining()) {
            throw new DamagedStateException("it has " + bytes.position() + " bytes, less than its header");
        }
        bytes.flip();
        if (bytes.getLong() != kind.magic) {
            throw new DamagedStateException("it does not start like a " + kind.word);
        }
        int format = bytes.getInt();
        FileHeader header = new FileHeader(kind, bytes.getLong(), bytes.getLong(), bytes.getLong(), bytes.getLong());
        if (bytes.getInt() != checksum(bytes.array())) {
            throw new DamagedStateException("the checksum of its header is wrong");
        }
        if (format != FORMAT) {
            throw new DamagedStateException("it has format " + format + "; this version reads format " + FORMAT);
        }
        if (header.number != number) {
            throw new DamagedStateException("it is " + header.fileName() + " under another name");
        }
        return header;
    }

    private static int checksum(byte[] header) {
        CRC32C crc = new CRC32C();
        crc.update(header, 0, BYTES - Integer.BYTES);
        return (int) crc.getValue();
    }
}
