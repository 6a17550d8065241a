package org.circleosd.pluginmanager.sandbox.wasi;

import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.sandbox.wasi.tree.FileStat;
import org.jspecify.annotations.Nullable;

/** A standard stream: bytes to read, or where what is written goes. */
final class OpenStream implements Opened {

    private final byte[] input;
    private final @Nullable GuestOutput output;
    private int at;

    private OpenStream(byte[] input, @Nullable GuestOutput output) {
        this.input = input;
        this.output = output;
    }

    static OpenStream of(byte[] input) {
        return new OpenStream(input, null);
    }

    static OpenStream of(GuestOutput output) {
        return new OpenStream(new byte[0], output);
    }

    /** Bytes that a read would give. */
    int readable() {
        return input.length - at;
    }

    int read(GuestMemory memory, IoVectors vectors) {
        int before = at;
        for (int i = 0; i < vectors.count() && at < input.length; i++) {
            int length = Math.min(vectors.length(i), input.length - at);
            memory.write(vectors.address(i), input, at, length);
            at += length;
        }
        return at - before;
    }

    int write(GuestMemory memory, IoVectors vectors) {
        int written = 0;
        for (int i = 0; i < vectors.count(); i++) {
            if (output != null) {
                output.write(memory, vectors.address(i), vectors.length(i));
            }
            written += vectors.length(i);
        }
        return written;
    }

    /** Describes the stream as of unknown type: a character device would make C libraries flush at each line. */
    @Override
    public FileStat stat() {
        return FileStat.STREAM;
    }

    @Override
    public void close() {
        // What it leads to belongs to the call.
    }
}
