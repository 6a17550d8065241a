package org.circleosd.pluginmanager.worker;

import com.sun.jna.Memory;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.BooleanSupplier;
import org.circleosd.pluginmanager.worker.abi.Abi;
import org.circleosd.pluginmanager.worker.abi.CallResult;
import org.circleosd.pluginmanager.worker.abi.Posix;
import org.circleosd.pluginmanager.worker.wire.ResultStatus;
import org.jspecify.annotations.Nullable;

/** Makes a result of what a function prints on descriptor 1, which is the log otherwise. Thread-safe. */
final class Printing {

    private static final int BUFFER_BYTES = 64 << 10;
    private static final long READER_STACK_BYTES = 256 << 10;
    /** Threads that a plugin left behind may print without end; an answer does not wait for them. */
    private static final int MOST_DRAINED_READS = 16;

    /** Descriptor 1 belongs to the process: one call at a time is captured. */
    private final Object turn = new Object();

    private final Posix posix;
    private final int in;
    private final int out;
    private final Memory buffer = new Memory(BUFFER_BYTES);
    private final Memory drainScratch = Posix.pollScratch();
    private boolean hasReader;
    private @Nullable ByteArrayOutputStream kept;
    private long most;
    private long total;

    Printing(Posix posix) {
        this.posix = posix;
        int[] pipe = posix.pipe();
        in = pipe[0];
        out = pipe[1];
        posix.closeOnExec(in);
        posix.closeOnExec(out);
    }

    /**
     * Runs a function.
     *
     * @param function answers whether it exists
     * @param outputBytes largest result
     */
    CallResult run(BooleanSupplier function, long outputBytes) {
        synchronized (turn) {
            begin(outputBytes);
            boolean found;
            try {
                found = function.getAsBoolean();
            } finally {
                posix.flushStdout();
                posix.dup2(Posix.STDERR, Posix.STDOUT);
            }
            return end(found);
        }
    }

    private synchronized void begin(long outputBytes) {
        if (!hasReader) {
            // A pipe holds 64 KiB: without a reader a plugin that prints more would stop inside its own call.
            Thread reader = new Thread(null, this::readOn, "printed", READER_STACK_BYTES);
            reader.setDaemon(true);
            reader.start();
            hasReader = true;
        }
        drain();
        kept = new ByteArrayOutputStream();
        most = outputBytes;
        total = 0;
        posix.dup2(out, Posix.STDOUT);
    }

    private synchronized CallResult end(boolean found) {
        drain();
        ByteArrayOutputStream printed = kept;
        kept = null;
        if (!found || printed == null) {
            return CallResult.of(ResultStatus.NO_FUNCTION);
        }
        return total > most
                ? new CallResult(
                        ResultStatus.TOO_LARGE, Abi.OK, Long.toString(total).getBytes(StandardCharsets.US_ASCII))
                : CallResult.returned(Abi.OK, printed.toByteArray());
    }

    private void readOn() {
        try (Memory scratch = Posix.pollScratch()) {
            while (true) {
                if (!posix.canRead(in, -1, scratch)) {
                    WorkerProgram.end("what a plugin prints cannot be read: it closed the worker's descriptors");
                }
                synchronized (this) {
                    drain();
                }
            }
        }
    }

    /** Takes what is in the pipe now. */
    private void drain() {
        for (int reads = 0; reads < MOST_DRAINED_READS && posix.canRead(in, 0, drainScratch); reads++) {
            int count = (int) posix.read(in, buffer);
            if (count <= 0) {
                return;
            }
            ByteArrayOutputStream into = kept;
            if (into != null) {
                total += count;
                if (total <= most) {
                    into.writeBytes(buffer.getByteArray(0, count));
                }
            }
        }
    }
}
