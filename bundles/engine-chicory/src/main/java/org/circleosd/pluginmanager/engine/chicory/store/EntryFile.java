package org.circleosd.pluginmanager.engine.chicory.store;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.CRC32C;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * The format of a stored entry: eight bytes of {@link #MAGIC}, the seal, the length of what is sealed, what is sealed,
 * and the class files. Sealed are the key, what the entry is, the length and checksum of the class files, and the
 * image's front with the digest of each class. So little is read at a load, and still no class runs whose bytes are not
 * authentic.
 */
final class EntryFile {

    /** Ends with the version of the format. */
    static final long MAGIC = 0x4350_4d2d_414f_5401L; // "CPM-AOT" 1

    private static final int HEADER = 8 + Seal.BYTES + 4;
    private static final int CHUNK = 1 << 16;
    private static final byte CODE = 1;
    private static final byte REFUSAL = 2;

    private final Seal seal;

    EntryFile(Seal seal) {
        this.seal = seal;
    }

    /**
     * Reads an entry.
     *
     * @throws DamagedEntryException if it is not what was written under this key with this seal
     * @throws PluginException if the entry is a refusal
     */
    CodeImage read(Path file, String key) throws IOException {
        try (FileChannel channel = FileChannel.open(file, READ, NOFOLLOW_LINKS)) {
            byte[] sealed = readSealed(channel);
            ByteArrayInputStream rest = new ByteArrayInputStream(sealed);
            DataInputStream in = new DataInputStream(rest);
            if (!in.readUTF().equals(key)) {
                throw new DamagedEntryException("it is the entry of another module or engine");
            }
            if (in.readByte() == REFUSAL) {
                throw refusal(in.readUTF(), in.readUTF());
            }
            long length = in.readLong();
            long checksum = in.readLong();
            long start = HEADER + (long) sealed.length;
            if (channel.size() != start + length) {
                throw new DamagedEntryException("it has " + channel.size() + " bytes instead of " + (start + length));
            }
            if (checksum(channel, start) != checksum) {
                throw new DamagedEntryException("its class files have another checksum");
            }
            byte[] front = Arrays.copyOfRange(sealed, sealed.length - rest.available(), sealed.length);
            return CodeImage.read(front, channel.map(MapMode.READ_ONLY, start, length));
        }
    }

    private static PluginException refusal(String code, String message) throws DamagedEntryException {
        try {
            return new PluginException(ErrorCode.valueOf(code), message);
        } catch (IllegalArgumentException e) {
            throw new DamagedEntryException("it is a refusal with the unknown code " + code);
        }
    }

    private byte[] readSealed(FileChannel channel) throws IOException {
        ByteBuffer header = read(channel, 0, HEADER);
        if (header.getLong() != MAGIC) {
            throw new DamagedEntryException("it does not begin as entries of this version do");
        }
        byte[] code = new byte[Seal.BYTES];
        header.get(code);
        int length = header.getInt();
        if (length < 0 || length > channel.size() - HEADER) {
            throw new DamagedEntryException("it is cut off");
        }
        byte[] sealed = read(channel, HEADER, length).array();
        if (!seal.fits(code, sealed)) {
            throw new DamagedEntryException("its seal does not fit: it was changed, or written with another key");
        }
        return sealed;
    }

    private static ByteBuffer read(FileChannel channel, long position, int length) throws IOException {
        ByteBuffer buffer = ByteBuffer.allocate(length);
        while (buffer.hasRemaining()) {
            if (channel.read(buffer, position + buffer.position()) < 0) {
                throw new DamagedEntryException("it is cut off");
            }
        }
        return buffer.flip();
    }

    /** Not of the mapped file: a page that cannot be read would end the process there. */
    private static long checksum(FileChannel channel, long start) throws IOException {
        CRC32C checksum = new CRC32C();
        ByteBuffer buffer = ByteBuffer.allocateDirect(CHUNK);
        long position = start;
        int read;
        while ((read = channel.read(buffer, position)) >= 0) {
            position += read;
            checksum.update(buffer.flip());
            buffer.clear();
        }
        return checksum.getValue();
    }

    void write(Path file, String key, CodeImage image) throws IOException {
        ByteBuffer classes = image.classes().bytes();
        CRC32C checksum = new CRC32C();
        checksum.update(classes.duplicate());
        write(file, key, CODE, classes, out -> {
            out.writeLong(classes.remaining());
            out.writeLong(checksum.getValue());
            out.write(image.front());
        });
    }

    void write(Path file, String key, PluginException refusal) throws IOException {
        write(file, key, REFUSAL, ByteBuffer.allocate(0), out -> {
            out.writeUTF(refusal.code().name());
            out.writeUTF(refusal.getMessage());
        });
    }

    private interface Content {
        void writeTo(DataOutputStream out) throws IOException;
    }

    private void write(Path file, String key, byte kind, ByteBuffer classes, Content content) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeUTF(key);
            out.writeByte(kind);
            content.writeTo(out);
        }
        byte[] sealed = bytes.toByteArray();
        ByteBuffer header = ByteBuffer.allocate(HEADER)
                .putLong(MAGIC)
                .put(seal.code(sealed))
                .putInt(sealed.length)
                .flip();
        try (FileChannel channel = FileChannel.open(file, WRITE)) {
            for (ByteBuffer part : new ByteBuffer[] {header, ByteBuffer.wrap(sealed), classes.duplicate()}) {
                while (part.hasRemaining()) {
                    channel.write(part);
                }
            }
        }
    }
}
