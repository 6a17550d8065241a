package org.circleosd.pluginmanager.nativeloader.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.circleosd.pluginmanager.worker.wire.ConfineStep;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;

/**
 * Starts workers as any process is started: what they crash is themselves alone, but they may do what the daemon's user
 * may do. For systems on which no more is known, and where the operator wants no more.
 *
 * @param programs asked for each start
 * @param why nothing confines them, for people
 */
record PlainStarter(Supplier<WorkerProgram> programs, String why) implements WorkerStarter {

    private static final System.Logger LOG = System.getLogger(PlainStarter.class.getName());
    private static final int SAME_USER = -1;

    @Override
    public WorkerProcess start(Path home, NativeGrants grants) throws IOException {
        WorkerProgram program = programs.get();
        ProcessBuilder builder = new ProcessBuilder(program.command()).directory(home.toFile());
        builder.environment().clear();
        builder.environment().putAll(program.environment());
        return new Plain(builder.start());
    }

    @Override
    public List<String> missing() {
        return List.of("confinement: " + why);
    }

    @Override
    public List<String> missing(WorkerProcess process) {
        return List.of();
    }

    @Override
    public void close() {
        // There is nothing that they share.
    }

    private final class Plain implements WorkerProcess {

        private static final int SIGNALLED = 128;

        private final Process process;

        Plain(Process process) {
            this.process = process;
        }

        @Override
        public long pid() {
            return process.pid();
        }

        @Override
        public OutputStream requests() {
            return process.getOutputStream();
        }

        @Override
        public InputStream replies() {
            return process.getInputStream();
        }

        @Override
        public InputStream log() {
            return process.getErrorStream();
        }

        @Override
        public void own(Path file) {
            // It is the same user.
        }

        @Override
        public void limit(WorkerLimits limits) {
            // No limits are known here; unenforced says so.
        }

        @Override
        public void confine(FrameBytes frame) {
            frame.u32(SAME_USER).u32(SAME_USER).u32(0).bytes(new byte[0]);
        }

        @Override
        public void confined(Map<ConfineStep, Integer> errnos) {
            // Nothing was asked.
        }

        @Override
        public List<String> layers() {
            return List.of("process");
        }

        @Override
        public List<String> unenforced() {
            return List.of("confinement: " + why);
        }

        @Override
        public void kill() {
            process.destroyForcibly();
        }

        @Override
        public Optional<Death> deathWithin(Duration bound) throws InterruptedException {
            return process.waitFor(bound.toNanos(), TimeUnit.NANOSECONDS)
                    ? Optional.of(death(process.exitValue()))
                    : Optional.empty();
        }

        @Override
        public void close() {
            try {
                process.getOutputStream().close();
                process.getInputStream().close();
            } catch (IOException e) {
                LOG.log(System.Logger.Level.DEBUG, "the pipes of worker {0}: {1}", pid(), e.getMessage());
            }
        }

        /** As Java shows it, a signal is a status; a program that exits with such a status is told wrong. */
        private static Death death(int status) {
            return status > SIGNALLED ? new Death(status - SIGNALLED, 0) : new Death(0, status);
        }
    }
}
