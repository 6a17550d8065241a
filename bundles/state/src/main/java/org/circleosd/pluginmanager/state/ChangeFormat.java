package org.circleosd.pluginmanager.state;

import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.circleosd.pluginmanager.api.StateStore.Change;

/**
 * Changes as bytes; numbers are big-endian:
 *
 * <pre>
 * change    u8 length, bucket in UTF-8;  u8 length, key in UTF-8;  i32 length, value  (length -1, no value: deleted)
 * </pre>
 */
final class ChangeFormat {

    private static final int MAX_NAME_BYTES = 255;
    private static final int DELETED = -1;

    private ChangeFormat() {}

    /**
     * Writes changes, one behind the other.
     *
     * @throws IllegalArgumentException if a bucket or key has not 1 to 255 bytes of UTF-8
     */
    static byte[] encode(List<Change> changes) {
        List<byte[]> names = new ArrayList<>(2 * changes.size());
        long size = 0;
        for (Change change : changes) {
            byte[] bucket = name(change.bucket());
            byte[] key = name(change.key());
            names.add(bucket);
            names.add(key);
            byte[] value = change.value();
            size += 2L + bucket.length + key.length + Integer.BYTES + (value == null ? 0 : value.length);
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(size));
        for (int i = 0; i < changes.size(); i++) {
            putName(bytes, names.get(2 * i));
            putName(bytes, names.get(2 * i + 1));
            byte[] value = changes.get(i).value();
            if (value == null) {
                bytes.putInt(DELETED);
            } else {
                bytes.putInt(value.length).put(value);
            }
        }
        return bytes.array();
    }

    /**
     * Reads changes up to the end.
     *
     * @throws DamagedStateException if these are no changes; some may have been handed over before
     */
    static void decode(byte[] bytes, Consumer<Change> target) throws DamagedStateException {
        ByteBuffer in = ByteBuffer.wrap(bytes);
        try {
            while (in.hasRemaining()) {
                String bucket = text(in);
                String key = text(in);
                int length = in.getInt();
                target.accept(new Change(bucket, key, length == DELETED ? null : bytes(in, length)));
            }
        } catch (BufferUnderflowException e) {
            // The checksum was right, so this was written so: by something else, or by a defect.
            throw new DamagedStateException("its changes end too early");
        }
    }

    private static byte[] name(String name) {
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        if (bytes.length < 1
                || bytes.length > MAX_NAME_BYTES
                || !StandardCharsets.UTF_8.newEncoder().canEncode(name)) {
            throw new IllegalArgumentException(
                    "a bucket or key has " + bytes.length + " bytes; expected 1 to " + MAX_NAME_BYTES + " of UTF-8");
        }
        return bytes;
    }

    private static void putName(ByteBuffer target, byte[] name) {
        target.put((byte) name.length).put(name);
    }

    private static String text(ByteBuffer in) {
        return new String(bytes(in, Byte.toUnsignedInt(in.get())), StandardCharsets.UTF_8);
    }

    private static byte[] bytes(ByteBuffer in, int length) {
        if (length < 0 || length > in.remaining()) {
            throw new BufferUnderflowException();
        }
        byte[] bytes = new byte[length];
        in.get(bytes);
        return bytes;
    }
}
