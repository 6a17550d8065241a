package org.circleosd.pluginmanager.worker;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/** Reads a worker's log all the time, as the daemon does, and keeps the beginning. */
final class ReadLog {

    private static final int KEPT_BYTES = 1 << 20;

    private final InputStream in;
    private final Thread reader = new Thread(this::readOn, "worker-log");
    private final ByteArrayOutputStream kept = new ByteArrayOutputStream();
    private long total;

    ReadLog(InputStream in) {
        this.in = in;
        reader.setDaemon(true);
        reader.start();
    }

    synchronized String text() {
        return kept.toString(StandardCharsets.UTF_8);
    }

    /** Waits until as many bytes came. */
    synchronized void awaitBytes(long count) throws InterruptedException {
        while (total < count) {
            wait();
        }
    }

    /** Waits until a text came. */
    synchronized void awaitText(String expected) throws InterruptedException {
        while (!text().contains(expected)) {
            wait();
        }
    }

    void awaitEnd() throws InterruptedException {
        reader.join();
    }

    private void readOn() {
        byte[] bytes = new byte[1 << 16];
        try {
            for (int count = in.read(bytes); count >= 0; count = in.read(bytes)) {
                add(bytes, count);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private synchronized void add(byte[] bytes, int count) {
        total += count;
        kept.write(bytes, 0, Math.min(count, KEPT_BYTES - kept.size()));
        notifyAll();
    }
}
