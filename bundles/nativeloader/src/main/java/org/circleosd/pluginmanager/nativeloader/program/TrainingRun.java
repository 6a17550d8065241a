package org.circleosd.pluginmanager.nativeloader.program;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.jspecify.annotations.Nullable;

/** A worker that is started only for what it leaves behind: it does all that a worker does, with a library of JNA's. */
final class TrainingRun {

    private static final int MOST_BYTES = 1 << 20;
    private static final int SAME_USER = -1;
    private static final int PLUGIN = 1;
    private static final int SECONDS_TO_END = 120;

    private @Nullable Process process;
    private boolean stopped;

    /**
     * Runs a worker to its end.
     *
     * @param home folder that it runs in, with JNA's library
     * @throws IOException if it fails, or is stopped
     */
    void run(List<String> command, Path home) throws IOException {
        Process worker = start(command, home);
        if (worker == null) {
            throw new IOException("the daemon stops");
        }
        try {
            talk(worker);
            if (!worker.waitFor(SECONDS_TO_END, TimeUnit.SECONDS)) {
                throw new IOException("the worker that was to write it does not end");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("its writing was interrupted");
        } finally {
            worker.destroyForcibly();
        }
    }

    /** It ends when its requests do. */
    private static void talk(Process worker) throws IOException {
        try (OutputStream requests = worker.getOutputStream();
                InputStream replies = new BufferedInputStream(worker.getInputStream())) {
            expect(FrameKind.READY, replies);
            FrameBytes confine = new FrameBytes(1, FrameKind.CONFINE);
            ask(requests, confine.u32(SAME_USER).u32(SAME_USER).u32(0).bytes(new byte[0]));
            expect(FrameKind.CONFINED, replies);
            ask(requests, new FrameBytes(2, FrameKind.UNLOAD).u32(PLUGIN));
            expect(FrameKind.UNLOADED, replies);
        }
    }

    /** Ends a run that goes on, and keeps further ones from starting. */
    synchronized void stop() {
        stopped = true;
        if (process != null) {
            process.destroyForcibly();
        }
    }

    synchronized boolean isStopped() {
        return stopped;
    }

    private synchronized @Nullable Process start(List<String> command, Path home) throws IOException {
        if (stopped) {
            return null;
        }
        ProcessBuilder builder =
                new ProcessBuilder(command).directory(home.toFile()).redirectError(Redirect.DISCARD);
        builder.environment().clear();
        process = builder.start();
        return process;
    }

    private static void ask(OutputStream requests, FrameBytes frame) throws IOException {
        requests.write(frame.toBytes());
        requests.flush();
    }

    private static void expect(FrameKind expected, InputStream replies) throws IOException {
        FrameKind found = Frame.read(replies, MOST_BYTES).kind();
        if (found != expected) {
            throw new IOException("the worker that was to write it answered " + found + "; expected " + expected);
        }
    }
}
