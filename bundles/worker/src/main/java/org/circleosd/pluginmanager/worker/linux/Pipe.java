package org.circleosd.pluginmanager.worker.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;

/** A pipe, none of whose ends gets into a program by accident. */
record Pipe(Descriptor reading, Descriptor writing) implements AutoCloseable {

    private static final CFunction PIPE2 = CFunction.of("pipe2");

    static Pipe open() throws IOException {
        try (Memory ends = new Memory(2L * Integer.BYTES)) {
            if (PIPE2.call(Pointer.nativeValue(ends), Libc.O_CLOEXEC) != 0) {
                throw new IOException("cannot make a pipe: " + Errno.text(CFunction.errno()));
            }
            Descriptor reading;
            try {
                reading = Descriptor.of(ends.getInt(0), "make a pipe");
            } catch (IOException e) {
                Libc.CLOSE.call(ends.getInt(Integer.BYTES));
                throw e;
            }
            try {
                return new Pipe(reading, Descriptor.of(ends.getInt(Integer.BYTES), "make a pipe"));
            } catch (IOException e) {
                reading.close();
                throw e;
            }
        }
    }

    @Override
    public void close() {
        reading.close();
        writing.close();
    }
}
