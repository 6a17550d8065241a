package org.circleosd.pluginmanager.engine.chicory.admission;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.engine.CompileProgress;
import org.circleosd.pluginmanager.engine.chicory.admission.ChildOutput.Step;
import org.circleosd.pluginmanager.engine.chicory.store.CodeImage;
import org.circleosd.pluginmanager.engine.chicory.store.FileTree;

/**
 * A process that compiles one module. It sees no environment and a folder of its own, which goes with it. It reads its
 * standard input to the end, which comes when this process dies, and then dies too.
 */
final class Child implements AutoCloseable {

    private static final Logger LOG = System.getLogger(Child.class.getName());
    private static final NamedThreads TALKERS = new NamedThreads("engine-child", NamedThreads.SMALL_STACK);

    /** How Java exits with ExitOnOutOfMemoryError. */
    private static final int OUT_OF_MEMORY = 3;

    private static final int LONGEST_TEXT = 500;
    private static final long SECONDS_TO_DIE = 10;

    interface Command {
        List<String> in(Path home) throws IOException;
    }

    private final Process process;
    private final Path home;
    private final ChildLimits limits;
    private final long end;
    private final BlockingQueue<Step> steps = new LinkedBlockingQueue<>();
    private boolean ready;

    private Child(Process process, Path home, ChildLimits limits) {
        this.process = process;
        this.home = home;
        this.limits = limits;
        end = System.nanoTime() + limits.time().toNanos();
    }

    /** @param home an empty folder, which is removed in any case */
    static Child start(Path home, Command command, ChildLimits limits) throws IOException {
        try {
            ProcessBuilder builder = new ProcessBuilder(command.in(home))
                    .directory(home.toFile())
                    .redirectError(home.resolve("stderr").toFile());
            builder.environment().clear();
            return new Child(builder.start(), home, limits);
        } catch (IOException e) {
            FileTree.delete(home);
            throw e;
        }
    }

    /** See {@link ChildCompiler#compile}. Call it once. */
    CodeImage compile(byte[] wasm, long mostBytes, CompileProgress progress) {
        // Pipes know no deadline and no interruption, queues do.
        TALKERS.newThread(() -> talk(wasm, mostBytes)).start();
        while (true) {
            Optional<CodeImage> image = next().take(progress);
            if (image.isPresent()) {
                return image.get();
            }
        }
    }

    private Step next() {
        try {
            Step step = steps.poll(end - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (step == null) {
                throw new PluginException(
                        ErrorCode.LIMIT_EXCEEDED,
                        "compiling the module takes longer than "
                                + limits.time().toMillis() + " ms (admission.ms of the engine)");
            }
            ready |= step == Step.READY;
            return step;
        } catch (InterruptedException e) {
            throw new PluginException(
                    ErrorCode.CANCELLED, "compiling the module was stopped: its thread was interrupted");
        }
    }

    /** Runs on a thread of its own until the process has said all or is dead. */
    private void talk(byte[] wasm, long mostBytes) {
        try (DataOutputStream out = new DataOutputStream(process.getOutputStream());
                DataInputStream in = new DataInputStream(process.getInputStream())) {
            out.writeInt(wasm.length);
            out.write(wasm);
            out.flush();
            while (true) {
                steps.add(ChildOutput.read(in, mostBytes));
            }
        } catch (IOException e) {
            // In an orderly end the result was read before, and nobody takes this step.
            steps.add(progress -> {
                throw died(e);
            });
        }
    }

    private PluginException died(IOException failure) {
        int status = kill();
        String said = said();
        LOG.log(Level.DEBUG, () -> "a compiling process ended with " + status + ": " + said, failure);
        if (!ready) {
            return cannotStart("it exits with status " + status + (said.isEmpty() ? "" : ": " + said));
        }
        if (status == OUT_OF_MEMORY) {
            return new PluginException(
                    ErrorCode.LIMIT_EXCEEDED,
                    "compiling the module takes more than " + limits.heapBytes()
                            + " bytes of memory (admission.memory.bytes of the engine)");
        }
        return new PluginException(
                ErrorCode.LIMIT_EXCEEDED, "the process that compiled the module ended with status " + status);
    }

    static PluginException cannotStart(String why) {
        return new PluginException(
                ErrorCode.UNAVAILABLE,
                "the process that compiles plugins cannot be started: " + why
                        + ". Where there is no room for processes, admission = thread (of the engine) does without");
    }

    /** What the process wrote to its standard error, for people. */
    private String said() {
        try {
            byte[] all = Files.readAllBytes(home.resolve("stderr"));
            String text = new String(all, 0, Math.min(all.length, LONGEST_TEXT), StandardCharsets.UTF_8);
            return text.strip().replaceAll("\\p{Cntrl}+", " ");
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "cannot read what a compiling process said", e);
            return "";
        }
    }

    /** Returns the exit status; waits for it, so that no zombie is left. */
    private int kill() {
        process.destroyForcibly();
        boolean interrupted = false;
        long left = TimeUnit.SECONDS.toNanos(SECONDS_TO_DIE);
        long last = System.nanoTime() + left;
        while (left > 0) {
            try {
                if (process.waitFor(left, TimeUnit.NANOSECONDS)) {
                    break;
                }
            } catch (InterruptedException e) {
                interrupted = true;
            }
            left = last - System.nanoTime();
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        return process.isAlive() ? -1 : process.exitValue();
    }

    @Override
    public void close() {
        kill();
        try {
            FileTree.delete(home);
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "the folder of a compiling process is left for the next start to remove", e);
        }
    }
}
