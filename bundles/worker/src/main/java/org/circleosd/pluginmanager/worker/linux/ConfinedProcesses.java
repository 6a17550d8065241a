package org.circleosd.pluginmanager.worker.linux;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.circleosd.pluginmanager.worker.linux.OwnerThread.Step;

/** Starts processes that are confined before their first instruction. Thread-safe. */
public final class ConfinedProcesses implements AutoCloseable {

    private final Confinement confinement;

    private ConfinedProcesses(Confinement confinement) {
        this.confinement = confinement;
    }

    /** Says whether this is a system where processes can be started in this way. */
    public static boolean isSupported() {
        return System.getProperty("os.name", "").equals("Linux") && Machine.current() != null;
    }

    /**
     * Tries every layer and prepares those that work.
     *
     * @throws IOException if no process could be started
     */
    public static ConfinedProcesses prepare(ConfinementSettings settings) throws IOException {
        return prepare(settings, WorkerUsers.LOCKS, Set.of());
    }

    static ConfinedProcesses prepare(ConfinementSettings settings, Path userLocks, Set<ConfinementLayer> without)
            throws IOException {
        Machine machine = Machine.current();
        if (!isSupported() || machine == null) {
            throw new IOException("processes are confined on Linux on x86-64 and aarch64 only; this is "
                    + System.getProperty("os.name") + " on " + System.getProperty("os.arch"));
        }
        try {
            OwnerThread.rehearse();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted while the start of processes was prepared");
        }
        return new ConfinedProcesses(Confinement.prepare(machine, settings, userLocks, without));
    }

    /** Returns the layers that no process here can have, with the reasons. */
    public Map<ConfinementLayer, String> missing() {
        return confinement.missing();
    }

    /**
     * Starts a process.
     *
     * @throws IOException if it cannot be started, or not be confined by a layer that is not {@link #missing}
     */
    public ConfinedProcess start(ProcessPlan plan) throws IOException {
        WorkerPlace place = confinement.takePlace();
        try (Pipe requests = Pipe.open();
                Pipe replies = Pipe.open();
                Pipe log = Pipe.open();
                Confinement.Entrance entrance = confinement.entrance(plan);
                SpawnCall spawn = new SpawnCall(plan, List.of(requests.reading(), replies.writing(), log.writing()))) {
            Streams streams = Streams.of(requests.writing(), replies.reading(), log.reading());
            try {
                List<Step> steps = entrance.steps();
                OwnerThread owner = new OwnerThread(steps, spawn.call(), spawn.pid());
                owner.start("worker-owner");
                int pid = owner.awaitStart();
                return new ConfinedProcess(
                        owner,
                        pid,
                        confinement.limits(),
                        streams,
                        place,
                        confinement.request(plan, pid, place),
                        confinement.report(plan, place));
            } catch (IOException | RuntimeException | Error e) {
                streams.close();
                throw e;
            }
        } catch (IOException | RuntimeException | Error e) {
            place.leave();
            throw e;
        }
    }

    /** Frees what was prepared; after the end of all processes. */
    @Override
    public void close() {
        confinement.close();
    }
}
