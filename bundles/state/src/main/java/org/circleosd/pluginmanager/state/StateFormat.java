package org.circleosd.pluginmanager.state;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.zip.CRC32C;

/**
 * All of a state in one file, format 1: what the first version kept; numbers are big-endian:
 *
 * <pre>
 * magic     8 bytes   "CPMSTATE"
 * format    u32       1
 * count     u32       number of entries
 * entry     u8 length, bucket in UTF-8;  u8 length, key in UTF-8;  u32 length, value
 * checksum  u32       CRC32C of all bytes before
 * </pre>
 */
final class StateFormat {

    private static final byte[] MAGIC = "CPMSTATE".getBytes(StandardCharsets.US_ASCII);
    private static final int FORMAT = 1;
    private static final int CHECKSUM_BYTES = Integer.BYTES;

    private StateFormat() {}

    static byte[] encode(Entries entries) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.write(MAGIC);
            out.writeInt(FORMAT);
            out.writeInt(Math.toIntExact(entries.count()));
            out.write(ChangeFormat.encode(entries.asChanges()));
            out.writeInt(checksum(bytes.toByteArray(), bytes.size()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /**
     * Reads a whole file.
     *
     * @throws DamagedStateException if a single bit is not as it was written
     */
    static Entries decode(byte[] file) throws DamagedStateException {
        int body = file.length - CHECKSUM_BYTES;
        if (body < MAGIC.length || !Arrays.equals(file, 0, MAGIC.length, MAGIC, 0, MAGIC.length)) {
            throw new DamagedStateException("it does not start like a state file");
        }
        if (ByteBuffer.wrap(file).getInt(body) != checksum(file, body)) {
            throw new DamagedStateException("its checksum is wrong");
        }
        try (DataInputStream in =
                new DataInputStream(new ByteArrayInputStream(file, MAGIC.length, body - MAGIC.length))) {
            int format = in.readInt();
            if (format != FORMAT) {
                throw new DamagedStateException("it has format " + format + "; this version reads format " + FORMAT);
            }
            return read(in);
        } catch (IOException e) {
            // The checksum was right, so this was written so: by something else, or by a defect.
            throw new DamagedStateException("its entries end too early");
        }
    }

    private static Entries read(DataInputStream in) throws IOException, DamagedStateException {
        NavigableMap<String, NavigableMap<String, byte[]>> buckets = new TreeMap<>();
        int count = in.readInt();
        for (int i = 0; i < count; i++) {
            String bucket = readText(in, in.readUnsignedByte());
            String key = readText(in, in.readUnsignedByte());
            buckets.computeIfAbsent(bucket, name -> new TreeMap<>()).put(key, readBytes(in, in.readInt()));
        }
        if (in.available() > 0) {
            throw new DamagedStateException("there is more in it than its entries");
        }
        return Entries.of(buckets);
    }

    private static String readText(DataInputStream in, int length) throws IOException, DamagedStateException {
        return new String(readBytes(in, length), StandardCharsets.UTF_8);
    }

    private static byte[] readBytes(DataInputStream in, int length) throws IOException, DamagedStateException {
        if (length < 0 || length > in.available()) {
            throw new DamagedStateException("its entries end too early");
        }
        return in.readNBytes(length);
    }

    private static int checksum(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return (int) crc.getValue();
    }
}
