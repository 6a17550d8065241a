package org.circleosd.pluginmanager.engine.chicory.store;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.Map;

/**
 * A compiled module as bytes.
 *
 * @param functions that the module defines
 * @param interpreted those of them that no class has
 * @param mainClass name of the class to begin with
 * @param module without the code that the classes replace
 * @param classes may lie in a file; each is read when it is needed
 */
public record CodeImage(int functions, int interpreted, String mainClass, ByteBuffer module, ClassFiles classes) {

    /** Makes an image of what a compiler returned: class files by the name of the class. */
    public static CodeImage of(
            int functions, int interpreted, String mainClass, byte[] module, Map<String, byte[]> classes) {
        return new CodeImage(functions, interpreted, mainClass, ByteBuffer.wrap(module), ClassFiles.of(classes));
    }

    /** Returns all but the class files, in a form for {@link #read}. */
    public byte[] front() {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(module.remaining() + 4096);
        try (DataOutputStream out = new DataOutputStream(bytes)) {
            out.writeInt(functions);
            out.writeInt(interpreted);
            out.writeUTF(mainClass);
            classes.writeIndex(out);
            out.write(module.array(), module.arrayOffset() + module.position(), module.remaining());
        } catch (IOException e) {
            throw new UncheckedIOException("an array takes all that is written", e);
        }
        return bytes.toByteArray();
    }

    /**
     * Reads an image.
     *
     * @param front what {@link #front} returned
     * @param classes what {@link ClassFiles#bytes} returned
     * @throws DamagedEntryException if they do not fit each other
     */
    public static CodeImage read(byte[] front, ByteBuffer classes) throws DamagedEntryException {
        ByteArrayInputStream rest = new ByteArrayInputStream(front);
        try (DataInputStream in = new DataInputStream(rest)) {
            int functions = in.readInt();
            int interpreted = in.readInt();
            String mainClass = in.readUTF();
            ClassFiles files = ClassFiles.read(in, classes);
            ByteBuffer module = ByteBuffer.wrap(front, front.length - rest.available(), rest.available())
                    .slice();
            if (interpreted < 0 || functions < interpreted) {
                throw new DamagedEntryException(
                        "it says that " + interpreted + " of " + functions + " are interpreted");
            }
            return new CodeImage(functions, interpreted, mainClass, module, files);
        } catch (DamagedEntryException e) {
            throw e;
        } catch (IOException e) {
            throw new DamagedEntryException("its index cannot be read");
        }
    }
}
