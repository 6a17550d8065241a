package org.circleosd.pluginmanager.socket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ReadableByteChannel;

/** The selector thread's one buffer: what is read is cut into lines at once. */
final class ReadBuffer {

    private final ByteBuffer direct = ByteBuffer.allocateDirect(64 << 10);
    private final byte[] bytes = new byte[64 << 10];

    /** Reads once; returns the number of bytes, -1 at the end. */
    int readFrom(ReadableByteChannel channel) throws IOException {
        direct.clear();
        int count = channel.read(direct);
        if (count > 0) {
            direct.get(0, bytes, 0, count);
        }
        return count;
    }

    /** Returns what the last read brought, from the array's start. */
    byte[] bytes() {
        return bytes;
    }
}
