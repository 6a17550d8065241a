package org.circleosd.pluginmanager.worker.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;

/** A text, path or argument as C has it. */
final class NativeText implements AutoCloseable {

    /** How the JDK writes names of files, and so how a {@link java.nio.file.Path} becomes the same name again. */
    private static final Charset CHARSET =
            Charset.forName(System.getProperty("sun.jnu.encoding", StandardCharsets.UTF_8.name()));

    private final Memory memory;

    /**
     * Copies a text to native memory.
     *
     * @throws IllegalArgumentException if it contains the character 0, where C would end it
     */
    NativeText(String text) {
        memory = copy(text);
    }

    /** Copies a text to native memory that the caller closes. */
    static Memory copy(String text) {
        if (text.indexOf('\0') >= 0) {
            throw new IllegalArgumentException("a text for C contains the character 0");
        }
        byte[] bytes = text.getBytes(CHARSET);
        Memory memory = new Memory(bytes.length + 1L);
        memory.write(0, bytes, 0, bytes.length);
        memory.setByte(bytes.length, (byte) 0);
        return memory;
    }

    long address() {
        return Pointer.nativeValue(memory);
    }

    @Override
    public void close() {
        memory.close();
    }
}
