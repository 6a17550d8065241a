package org.circleosd.pluginmanager.engine.chicory.store;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.Set;
import org.circleosd.pluginmanager.api.Sha256;
import org.jspecify.annotations.Nullable;

/** The class files of a compiled module, in one buffer, and the index that says where each is and what it must be. */
public final class ClassFiles {

    private static final int DIGEST_BYTES = 32;

    private record Place(int offset, int length, Sha256 digest) {}

    private final Map<String, Place> places;
    private final ByteBuffer bytes;
    private volatile boolean damaged;

    private ClassFiles(Map<String, Place> places, ByteBuffer bytes) {
        this.places = places;
        this.bytes = bytes;
    }

    /** Puts class files, by the name of the class, into one buffer. */
    static ClassFiles of(Map<String, byte[]> files) {
        int total = files.values().stream().mapToInt(file -> file.length).reduce(0, Math::addExact);
        ByteBuffer all = ByteBuffer.allocate(total);
        Map<String, Place> places = new HashMap<>();
        files.forEach((name, file) -> {
            places.put(name, new Place(all.position(), file.length, Sha256.of(file)));
            all.put(file);
        });
        return new ClassFiles(places, all.flip());
    }

    /** Reads what {@link #writeIndex} wrote. */
    static ClassFiles read(DataInputStream index, ByteBuffer bytes) throws IOException {
        Map<String, Place> places = new HashMap<>();
        int count = index.readInt();
        for (int i = 0; i < count; i++) {
            String name = index.readUTF();
            Place place = new Place(index.readInt(), index.readInt(), readDigest(index));
            if (place.offset < 0 || place.length < 0 || place.length > bytes.limit() - place.offset) {
                throw new DamagedEntryException("its index does not fit its length");
            }
            places.put(name, place);
        }
        return new ClassFiles(places, bytes);
    }

    private static Sha256 readDigest(DataInputStream index) throws IOException {
        byte[] digest = new byte[DIGEST_BYTES];
        index.readFully(digest);
        return new Sha256(HexFormat.of().formatHex(digest));
    }

    void writeIndex(DataOutputStream out) throws IOException {
        out.writeInt(places.size());
        for (Map.Entry<String, Place> entry : places.entrySet()) {
            Place place = entry.getValue();
            out.writeUTF(entry.getKey());
            out.writeInt(place.offset);
            out.writeInt(place.length);
            out.write(HexFormat.of().parseHex(place.digest.hex()));
        }
    }

    /** Returns the names of all classes. */
    public Set<String> names() {
        return places.keySet();
    }

    /**
     * Reads a class file.
     *
     * @return null if there is no class of this name
     * @throws DamagedEntryException if its bytes are not those that the index was made of
     */
    public byte @Nullable [] read(String name) throws DamagedEntryException {
        Place place = places.get(name);
        if (place == null) {
            return null;
        }
        byte[] file = new byte[place.length];
        try {
            // Copied before it is checked: what is checked is what runs, whoever writes to the file.
            bytes.get(place.offset, file);
            if (Sha256.of(file).equals(place.digest)) {
                return file;
            }
        } catch (InternalError e) {
            // How the JVM reports, some versions with delay, that a page of a mapped file is gone.
            damaged = true;
            throw new DamagedEntryException("the file was cut off while it was in use");
        }
        damaged = true;
        throw new DamagedEntryException("class " + name + " was changed while it was in use");
    }

    /** Says whether a class could not be read. */
    public boolean isDamaged() {
        return damaged;
    }

    /** Returns all class files, one after the other. */
    public ByteBuffer bytes() {
        return bytes.asReadOnlyBuffer();
    }
}
