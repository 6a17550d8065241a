package org.circleosd.pluginmanager.nativeloader.process;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;
import org.circleosd.pluginmanager.api.NamedThreads;

/**
 * Reads what a worker prints, so that it never blocks on a full pipe, and hands on whole lines. What comes faster than
 * the rate is dropped and counted: a plugin that prints without end costs reading, no more. The last lines stay, for
 * the report of a crash.
 */
final class WorkerLog {

    private static final System.Logger LOG = System.getLogger(WorkerLog.class.getName());
    private static final NamedThreads READERS = new NamedThreads("native-log", NamedThreads.SMALL_STACK);
    private static final int READ_BYTES = 64 << 10;
    /** A longer line is cut into pieces of this size. */
    private static final int LINE_BYTES = 8 << 10;
    /** What is handed on in a second, in bytes. */
    private static final int BYTES_PER_SECOND = 1 << 20;
    /** The error report of a Java machine has some hundred lines, and what matters is in the first of them. */
    private static final int KEPT_LINES = 400;

    private final InputStream in;
    private final UnaryOperator<String> reading;
    private final Consumer<String> lines;
    private final Deque<String> kept = new ArrayDeque<>();
    private final CountDownLatch ended = new CountDownLatch(1);
    private final ByteArrayOutputStream line = new ByteArrayOutputStream();

    /** Whether a Java machine has begun to report its death; guarded by what is kept. */
    private boolean isReport;

    private long second = System.nanoTime();
    private int taken;
    private long dropped;

    /**
     * Makes a log that does not read yet.
     *
     * @param reading makes of a line what people are to read
     * @param lines takes each line, on a thread of this log
     */
    WorkerLog(InputStream in, UnaryOperator<String> reading, Consumer<String> lines) {
        this.in = in;
        this.reading = reading;
        this.lines = lines;
    }

    void start() {
        READERS.newThread(this::read).start();
    }

    /** Returns the last lines; those of a dead worker are complete when {@link #awaitEnd} returned. */
    List<String> lastLines() {
        synchronized (kept) {
            return new ArrayList<>(kept);
        }
    }

    /** Waits until all is read. */
    void awaitEnd(Duration bound) {
        boolean interrupted = false;
        long end = System.nanoTime() + bound.toNanos();
        while (true) {
            try {
                if (!ended.await(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
                    LOG.log(System.Logger.Level.DEBUG, "the log of a dead worker is held open by another process");
                }
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    private void read() {
        byte[] buffer = new byte[READ_BYTES];
        try (in) {
            int count;
            while ((count = in.read(buffer)) >= 0) {
                take(buffer, count);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "the log of a worker ended: {0}", e.getMessage());
        } finally {
            finishLine();
            reportDropped();
            ended.countDown();
        }
    }

    private void take(byte[] buffer, int count) {
        long now = System.nanoTime();
        if (now - second > TimeUnit.SECONDS.toNanos(1)) {
            reportDropped();
            second = now;
            taken = 0;
        }
        int used = Math.min(count, Math.max(0, BYTES_PER_SECOND - taken));
        taken += used;
        dropped += count - used;
        for (int i = 0; i < used; i++) {
            if (buffer[i] == '\n') {
                finishLine();
            } else {
                line.write(buffer[i]);
                if (line.size() == LINE_BYTES) {
                    finishLine();
                }
            }
        }
    }

    private void finishLine() {
        if (line.size() > 0) {
            add(line.toString(StandardCharsets.UTF_8));
            line.reset();
        }
    }

    private void reportDropped() {
        if (dropped > 0) {
            add("[" + dropped + " bytes dropped: more than " + BYTES_PER_SECOND + " in a second]");
            dropped = 0;
        }
    }

    /** The beginning of a crash report matters more than its end. */
    private void keep(String text) {
        if (CrashLines.isHeader(text)) {
            isReport = true;
            while (kept.size() > CrashLines.LINES_BEFORE) {
                kept.remove();
            }
        }
        if (!isReport || kept.size() < KEPT_LINES) {
            kept.add(text);
        }
        if (kept.size() > KEPT_LINES) {
            kept.remove();
        }
    }

    private void add(String line) {
        String text = reading.apply(line);
        synchronized (kept) {
            keep(text);
        }
        lines.accept(text);
    }
}
