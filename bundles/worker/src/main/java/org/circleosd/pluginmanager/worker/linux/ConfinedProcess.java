package org.circleosd.pluginmanager.worker.linux;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.circleosd.pluginmanager.worker.wire.ConfineStep;

/**
 * A process that was confined before its first instruction. What it writes has to be read, or it blocks. Thread-safe.
 *
 * <p>The order: {@link #own} the working directory, {@link #limit} when the program is up, have it carry out
 * {@link #request}, pass its answer to {@link #confirmed}; then it may run a plugin.
 */
public final class ConfinedProcess implements AutoCloseable {

    private static final Duration DEATH_AFTER_KILL = Duration.ofSeconds(10);

    private final OwnerThread owner;
    private final int pid;
    private final boolean limited;
    private final Streams streams;
    private final WorkerPlace place;
    private final ConfineRequest request;
    private final LayerReport report;

    ConfinedProcess(
            OwnerThread owner,
            int pid,
            boolean limited,
            Streams streams,
            WorkerPlace place,
            ConfineRequest request,
            LayerReport report) {
        this.owner = owner;
        this.pid = pid;
        this.limited = limited;
        this.streams = streams;
        this.place = place;
        this.request = request;
        this.report = report;
    }

    /** Returns the process id. */
    public int pid() {
        return pid;
    }

    /** Returns what the process reads as its descriptor 0. */
    public OutputStream requests() {
        return streams.requests();
    }

    /** Returns what the process writes to its descriptor 1; it ends with the process. */
    public InputStream replies() {
        return streams.replies();
    }

    /** Returns what the process writes to its descriptor 2; it ends with the process. */
    public InputStream log() {
        return streams.log();
    }

    /**
     * Gives a folder to the user that the process will run as, with no rights for others; without such a user it only
     * takes away the rights of others.
     */
    public void own(Path folder) throws IOException {
        if (place.user().isPresent()) {
            int user = place.user().getAsInt();
            Files.setAttribute(folder, "unix:uid", user);
            Files.setAttribute(folder, "unix:gid", user);
        }
        Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
    }

    /** Sets the limits of resources; what cannot be set is in {@link #unenforced}. */
    public void limit(ResourceLimits limits) {
        if (limited) {
            new LimitedProcess(pid, place).limit(limits, report);
        }
    }

    /** Returns what the process has to do to itself; {@link #confirmed} takes its answer. */
    public ConfineRequest request() {
        return request;
    }

    /**
     * Takes the process's answer to {@link #request}. What it says it did is looked up, as far as the system shows it.
     *
     * @param steps errno of each step that it carried out; 0 if done
     */
    public void confirmed(Map<ConfineStep, Integer> steps) {
        new Confirmation(pid, request, steps).reportTo(report);
    }

    /** Returns the layers in place, such as {@code landlock:7}, from the strongest to the weakest. */
    public List<String> layers() {
        return report.layers();
    }

    /** Returns what is not enforced, each as {@code layer: reason}. */
    public List<String> unenforced() {
        return report.unenforced();
    }

    /** Says whether a layer is in place. */
    public boolean isActive(ConfinementLayer layer) {
        return report.isActive(layer);
    }

    /** Ends the process at once; nothing happens if it has ended. */
    public void kill() {
        owner.signal(Libc.SIGKILL);
    }

    /** Asks the process to end; it may ignore that. Nothing happens if it has ended. */
    public void terminate() {
        owner.signal(Libc.SIGTERM);
    }

    /**
     * Waits for the end of the process, which is noticed at once.
     *
     * @return empty if the time is over before
     */
    public Optional<Death> awaitDeath(Duration timeout) throws InterruptedException {
        return Optional.ofNullable(owner.awaitEnd(timeout));
    }

    /** Kills the process if it lives, waits until it is gone, and frees what it had. */
    @Override
    public void close() throws IOException {
        kill();
        boolean interrupted = false;
        Optional<Death> death = Optional.empty();
        long deadline = System.nanoTime() + DEATH_AFTER_KILL.toNanos();
        while (death.isEmpty() && System.nanoTime() < deadline) {
            try {
                death = awaitDeath(Duration.ofNanos(deadline - System.nanoTime()));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
        // Where it did not end, its user and group stay taken: something of it may still run.
        if (death.isPresent()) {
            place.leave();
        }
        streams.close();
        if (death.isEmpty()) {
            throw new IOException("process " + pid + " does not end after SIGKILL; the system holds it in a call");
        }
    }
}
