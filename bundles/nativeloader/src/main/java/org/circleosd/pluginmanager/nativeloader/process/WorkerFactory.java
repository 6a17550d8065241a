package org.circleosd.pluginmanager.nativeloader.process;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.nativeloader.plugin.PrivateCopies;
import org.circleosd.pluginmanager.worker.wire.BrokenFrameException;
import org.circleosd.pluginmanager.worker.wire.ConfineStep;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;

/** Makes workers that are ready and confined. Thread-safe. */
final class WorkerFactory implements AutoCloseable, Worker.Supervision {

    /** A Java machine on a loaded computer may take its time. */
    private static final Duration READY = Duration.ofSeconds(30);

    private final WorkerStarter starter;
    private final PrivateCopies homes;
    private final HostWork hostWork;
    private final boolean confinementRequired;
    private final Set<Worker> alive = ConcurrentHashMap.newKeySet();
    /** Read: a worker is being started. Write: from now on none is. */
    private final ReadWriteLock starting = new ReentrantReadWriteLock();

    private boolean closed;

    /** @param confinementRequired whether a worker that lacks a layer is no use */
    WorkerFactory(WorkerStarter starter, PrivateCopies homes, HostWork hostWork, boolean confinementRequired) {
        this.starter = starter;
        this.homes = homes;
        this.hostWork = hostWork;
        this.confinementRequired = confinementRequired;
    }

    /**
     * Makes a worker; blocks until it is ready.
     *
     * @throws PluginException {@link ErrorCode#UNAVAILABLE}, or {@link ErrorCode#CAPABILITY_DENIED} if a required layer
     *     is missing
     */
    Worker make(NativeGrants grants) {
        try {
            if (confinementRequired) {
                refuse(starter.missing());
            }
            return confined(start(grants));
        } catch (IOException e) {
            throw new PluginException(
                    ErrorCode.UNAVAILABLE, "no process can be started for native plugins: " + e.getMessage());
        }
    }

    private Worker confined(Worker worker) {
        boolean made = false;
        try {
            confine(worker);
            check(worker);
            made = true;
            return worker;
        } finally {
            if (!made) {
                end(worker, "it could not be made ready");
            }
        }
    }

    /** Ends a worker and removes what it leaves. */
    void end(Worker worker, String reason) {
        worker.kill(reason);
        worker.awaitDead();
    }

    /** Starts no more workers and ends all that are left. */
    @Override
    public void close() {
        starting.writeLock().lock();
        try {
            closed = true;
        } finally {
            starting.writeLock().unlock();
        }
        Set.copyOf(alive).forEach(worker -> worker.kill("native plugins are being closed"));
        Set.copyOf(alive).forEach(Worker::awaitDead);
        starter.close();
    }

    private Worker start(NativeGrants grants) throws IOException {
        starting.readLock().lock();
        try {
            if (closed) {
                throw new PluginException(ErrorCode.UNAVAILABLE, "native plugins are being closed; try again");
            }
            Path home = homes.folder();
            boolean started = false;
            try {
                Worker worker = new Worker(starter.start(home, grants), home, hostWork, this);
                started = true;
                alive.add(worker);
                return worker.begin();
            } finally {
                if (!started) {
                    PrivateCopies.removeFolder(home);
                }
            }
        } finally {
            starting.readLock().unlock();
        }
    }

    @Override
    public void check(Worker worker) {
        if (!confinementRequired) {
            return;
        }
        try {
            refuse(starter.missing(worker.process()));
        } catch (IOException e) {
            throw new PluginException(
                    ErrorCode.UNAVAILABLE, "no process can be started for native plugins: " + e.getMessage());
        }
    }

    @Override
    public void gone(Worker worker) {
        PrivateCopies.removeFolder(worker.home());
        alive.remove(worker);
    }

    private static void confine(Worker worker) {
        try {
            if (!worker.awaitReady(READY)) {
                WorkerEnd end = worker.end();
                throw new PluginException(
                        ErrorCode.UNAVAILABLE,
                        "a process for native plugins does not get ready: "
                                + (end == null
                                        ? "not within " + READY.toSeconds() + " s"
                                        : end.reason() + "; " + CrashLines.report(end.lastLines())));
            }
            int id = worker.nextId();
            FrameBytes request = new FrameBytes(id, FrameKind.CONFINE, 4096);
            worker.process().confine(request);
            Frame reply = worker.ask(id, request, System.nanoTime() + READY.toNanos());
            worker.process().confined(errnos(reply));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new PluginException(ErrorCode.CANCELLED, "gave up waiting for a process for native plugins");
        } catch (WorkerEnd.DiedException e) {
            throw new PluginException(
                    ErrorCode.UNAVAILABLE,
                    "a process for native plugins cannot be confined: "
                            + e.end().reason() + "; "
                            + CrashLines.report(e.end().lastLines()));
        } catch (TimeoutException | BrokenFrameException e) {
            throw new PluginException(
                    ErrorCode.UNAVAILABLE, "a process for native plugins cannot be confined: " + e.getMessage());
        }
    }

    private static Map<ConfineStep, Integer> errnos(Frame reply) throws BrokenFrameException {
        if (reply.kind() != FrameKind.CONFINED) {
            throw new BrokenFrameException("CONFINE was answered with " + reply.kind());
        }
        Map<ConfineStep, Integer> errnos = new EnumMap<>(ConfineStep.class);
        for (int count = reply.body().u32(); count > 0; count--) {
            errnos.put(ConfineStep.of(reply.body().u32()), reply.body().u32());
        }
        return errnos;
    }

    private static void refuse(List<String> missing) {
        if (!missing.isEmpty()) {
            throw new PluginException(
                    ErrorCode.CAPABILITY_DENIED,
                    "native plugins are refused, because confinement = required and a layer is missing: "
                            + String.join("; ", missing)
                            + ". Give the daemon what it needs, or set confinement = best-effort");
        }
    }
}
