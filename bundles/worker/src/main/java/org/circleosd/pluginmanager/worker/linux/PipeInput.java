package org.circleosd.pluginmanager.worker.linux;

import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;

/** Reads a pipe. A plain {@link FileInputStream} asks for the file's length and position in some of its methods. */
final class PipeInput extends InputStream {

    private final FileInputStream pipe;

    PipeInput(FileInputStream pipe) {
        this.pipe = pipe;
    }

    @Override
    public int read() throws IOException {
        return pipe.read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
        return pipe.read(bytes, offset, length);
    }

    @Override
    public int available() throws IOException {
        return pipe.available();
    }

    @Override
    public void close() throws IOException {
        pipe.close();
    }
}
