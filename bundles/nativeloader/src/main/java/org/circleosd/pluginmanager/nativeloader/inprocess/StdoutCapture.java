package org.circleosd.pluginmanager.nativeloader.inprocess;

import com.sun.jna.Memory;
import com.sun.jna.Platform;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.worker.abi.Posix;
import org.jspecify.annotations.Nullable;

/**
 * Leads what native code prints on file descriptor 1 to the call that runs. Descriptor 1 belongs to the
 * whole process, so it points at a pipe while any plugin runs, and at the real stdout otherwise.
 *
 * <p>Calls do not wait for each other here: a plugin that hangs must not stop the others. When several plugins run at
 * once their output cannot be told apart, so each of them gets it, marked; a call that is past its deadline gets output
 * only if nobody else runs. Descriptor 2 is never touched.
 */
final class StdoutCapture implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(StdoutCapture.class.getName());
    private static final int BUFFER_BYTES = 64 << 10;
    private static final long CLOSE_MILLIS = 1000;

    private final @Nullable Descriptors descriptors;

    private StdoutCapture(@Nullable Descriptors descriptors) {
        this.descriptors = descriptors;
    }

    /**
     * Starts to capture, where the system allows it.
     *
     * @param real keeps the number of a descriptor of the real stdout for this process
     */
    static StdoutCapture start(RealStdout real) {
        if (Platform.isWindows()) {
            LOG.log(System.Logger.Level.INFO, "what native plugins print is not captured on this system");
            return new StdoutCapture(null);
        }
        Posix libc = new Posix();
        int saved = real.descriptor(libc);
        if (saved < 0) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "what native plugins print is not captured: stdout was closed when this process started and its"
                            + " number now belongs to another file; start with stdout open, as with >/dev/null");
            return new StdoutCapture(null);
        }
        return new StdoutCapture(new Descriptors(libc, saved));
    }

    /** Notes that a plugin's code starts to run. */
    void begin(Printed text) {
        if (descriptors != null) {
            descriptors.begin(text);
        }
    }

    /** Notes that it ended; all that it printed was taken when this returns. */
    void end(Printed text) {
        if (descriptors != null) {
            descriptors.end(text);
        }
    }

    /** Gives stdout back, even if a plugin still runs. */
    @Override
    public void close() {
        if (descriptors != null) {
            descriptors.close();
        }
    }

    private static final class Descriptors {

        private final Posix libc;
        private final int real;
        private final int in;
        private final int out;
        private final Thread reader;
        private final Set<Printed> running = new LinkedHashSet<>();
        private final Memory memory = new Memory(BUFFER_BYTES);
        private final Memory drainScratch = Posix.pollScratch();
        private boolean closed;

        Descriptors(Posix libc, int real) {
            this.libc = libc;
            this.real = real;
            int[] pipe = libc.pipe();
            in = pipe[0];
            out = pipe[1];
            // A pipe holds 64 KiB: without a reader a plugin that prints more would block in its own call.
            reader = new NamedThreads("native-stdout", NamedThreads.SMALL_STACK).newThread(this::readOn);
            reader.start();
        }

        synchronized void begin(Printed text) {
            if (closed) {
                return;
            }
            if (running.isEmpty()) {
                libc.dup2(out, Posix.STDOUT);
            } else {
                drain();
            }
            running.add(text);
        }

        void end(Printed text) {
            // Outside the lock: it waits if another plugin's thread is inside stdio.
            libc.flushStdout();
            synchronized (this) {
                if (running.contains(text)) {
                    drain();
                    remove(text);
                }
            }
        }

        private void remove(Printed text) {
            running.remove(text);
            text.finish();
            if (running.isEmpty()) {
                libc.dup2(real, Posix.STDOUT);
            }
        }

        private void readOn() {
            try (Memory scratch = Posix.pollScratch()) {
                while (true) {
                    libc.canRead(in, -1, scratch);
                    synchronized (this) {
                        if (closed) {
                            return;
                        }
                        drain();
                    }
                }
            }
        }

        /** Reads what is in the pipe now. */
        private void drain() {
            while (libc.canRead(in, 0, drainScratch)) {
                int count = (int) libc.read(in, memory);
                if (count <= 0) {
                    return;
                }
                byte[] bytes = memory.getByteArray(0, count);
                List<Printed> takers = takers();
                takers.forEach(text -> text.add(bytes, count, takers.size() > 1));
            }
        }

        private List<Printed> takers() {
            long now = System.nanoTime();
            List<Printed> inTime =
                    running.stream().filter(text -> !text.isLate(now)).toList();
            return inTime.isEmpty() ? List.copyOf(running) : inTime;
        }

        void close() {
            synchronized (this) {
                if (closed) {
                    return;
                }
                drain();
                List.copyOf(running).forEach(this::remove);
                closed = true;
                libc.writeByte(out);
            }
            try {
                reader.join(CLOSE_MILLIS);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            if (reader.isAlive()) {
                LOG.log(System.Logger.Level.ERROR, "the reader of native output did not end");
                return;
            }
            libc.close(in);
            libc.close(out);
            memory.close();
            drainScratch.close();
        }
    }
}
