package org.circleosd.pluginmanager.nativeloader.process;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.circleosd.pluginmanager.worker.wire.ConfineStep;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;

/** A started process that runs native plugins, and what the system holds it to. Thread-safe. */
interface WorkerProcess extends AutoCloseable {

    long pid();

    /** Takes frames. */
    OutputStream requests();

    /** Gives frames. */
    InputStream replies();

    /** Gives what it prints. */
    InputStream log();

    /** Lets its user read the files of its folder. */
    void own(Path file) throws IOException;

    /** Holds it to limits from now on, in place of those before. */
    void limit(WorkerLimits limits);

    /** Adds the body of {@link FrameKind#CONFINE}. */
    void confine(FrameBytes frame);

    /** Takes what the worker said of it. */
    void confined(Map<ConfineStep, Integer> errnos);

    /** Returns the layers that are really active, sorted by strength. */
    List<String> layers();

    /** Returns the layers that are not, each with its reason, as {@code uid: the daemon does not run as root}. */
    List<String> unenforced();

    /** Ends it at once. Nothing if it is dead. */
    void kill();

    /** Waits for its death; empty if it lives on. An interrupted thread waits on, and stays interrupted. */
    default Optional<Death> awaitDeath(Duration bound) {
        boolean interrupted = false;
        long end = System.nanoTime() + bound.toNanos();
        try {
            while (true) {
                try {
                    return deathWithin(Duration.ofNanos(Math.max(0, end - System.nanoTime())));
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Waits for its death or an interrupt; {@link #awaitDeath} is made of it. */
    Optional<Death> deathWithin(Duration bound) throws InterruptedException;

    /** Frees what it had; after its death. */
    @Override
    void close();

    /**
     * How a process ended.
     *
     * @param signal that ended it; 0: it exited
     * @param status that it exited with
     */
    record Death(int signal, int status) {}
}
