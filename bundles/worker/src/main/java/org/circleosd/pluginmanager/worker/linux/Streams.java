package org.circleosd.pluginmanager.worker.linux;

import java.io.BufferedInputStream;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/** The daemon's ends of a process's pipes. */
record Streams(OutputStream requests, InputStream replies, InputStream log) implements AutoCloseable {

    /** Opens the ends anew as streams of Java; the given descriptors stay the caller's. */
    static Streams of(Descriptor requests, Descriptor replies, Descriptor log) throws IOException {
        OutputStream first = new FileOutputStream(requests.link().toString());
        try {
            // A frame's head is read in small pieces; each would be a system call.
            InputStream second = new BufferedInputStream(
                    new PipeInput(new FileInputStream(replies.link().toString())));
            try {
                return new Streams(
                        first,
                        second,
                        new PipeInput(new FileInputStream(log.link().toString())));
            } catch (IOException e) {
                second.close();
                throw e;
            }
        } catch (IOException e) {
            first.close();
            throw e;
        }
    }

    @Override
    public void close() throws IOException {
        try (requests;
                replies;
                log) {
            // Closed by the head of this statement, whatever one of them throws.
        }
    }
}
