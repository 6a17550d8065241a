package org.circleosd.pluginmanager.nativeloader.process;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * The process of one plugin, or of a group of plugins, over all its lives: when the worker dies it is followed by
 * another one, into which the same plugins are loaded, until it died too often.
 */
final class PluginProcess {

    private static final System.Logger LOG = System.getLogger(PluginProcess.class.getName());

    private final String name;
    private final Supplies supplies;
    private final NativeGrants grants;
    private final RestartPolicy policy;

    /** Held while plugins are loaded into a worker or taken out of it, which takes its time. */
    private final ReentrantLock changes = new ReentrantLock();

    /** Changed under {@link #changes} and {@link #gate}. */
    private final List<ProcessPlugin> plugins = new ArrayList<>();

    /** Guards what follows, for moments. Who waits for a worker waits on it. */
    private final Object gate = new Object();

    /** Whose death is followed by a new start. */
    private @Nullable Worker supervised;
    /** Takes calls; null while there is none. */
    private volatile @Nullable Worker current;
    /** Is being loaded into. */
    private @Nullable Worker loading;

    private volatile @Nullable String failure;
    private boolean closed;

    /** What all processes need. */
    record Supplies(WorkerFactory factory, Spares spares, HostWork hostWork, RestartPolicy.Settings restarts) {}

    /**
     * Makes a process that is not started yet.
     *
     * @param name of the plugin or group, for messages
     */
    PluginProcess(String name, NativeGrants grants, Supplies supplies, RestartPolicy policy) {
        this.name = name;
        this.grants = grants;
        this.supplies = supplies;
        this.policy = policy;
    }

    /** Returns why it is out of service; empty if it is not. */
    Optional<String> failure() {
        return Optional.ofNullable(failure);
    }

    /** Says whether its last plugin is gone. */
    boolean isClosed() {
        synchronized (gate) {
            return closed;
        }
    }

    /** Returns the worker that runs now. */
    Optional<Worker> worker() {
        return Optional.ofNullable(current);
    }

    /**
     * Loads a plugin, in a new worker if there is none.
     *
     * @return false if the process came to its end before; then the plugin needs another one
     * @throws PluginException as {@link org.circleosd.pluginmanager.api.runtime.PluginRuntime#load} says
     */
    boolean load(ProcessPlugin plugin) {
        while (true) {
            changes.lock();
            try {
                synchronized (gate) {
                    if (closed) {
                        return false;
                    }
                }
                Worker running = current;
                if (running != null || plugins.isEmpty()) {
                    loadInto(running, plugin);
                    return true;
                }
            } finally {
                if (plugins.isEmpty()) {
                    close();
                }
                changes.unlock();
            }
            // Its group is down for a moment, and what brings it back needs the lock.
            awaitWorker(plugin.deadline());
        }
    }

    private void loadInto(@Nullable Worker running, ProcessPlugin plugin) {
        Worker worker = running != null ? running : obtain();
        begin(worker);
        try {
            plugin.loadInto(worker, memoryOf(plugin));
        } catch (WorkerEnd.DiedException e) {
            throw crashed(e.end());
        } catch (TimeoutException e) {
            late(worker, "the initialisation of '" + plugin.name() + "'");
            throw plugin.timeout("the initialisation of native plugin '" + plugin.name() + "'");
        } catch (RuntimeException e) {
            if (running == null) {
                supplies.factory.end(worker, "its plugin was not loaded");
            }
            throw e;
        } finally {
            begin(null);
        }
        synchronized (gate) {
            plugins.add(plugin);
        }
        if (running == null) {
            use(worker);
        }
    }

    /** Takes a plugin out. The process ends with its last one. */
    void unload(ProcessPlugin plugin, Duration bound) {
        interruptLoading(plugin);
        changes.lock();
        try {
            Worker running = current;
            boolean last;
            synchronized (gate) {
                last = plugins.size() == 1 && plugins.contains(plugin);
                closed |= last;
                gate.notifyAll();
            }
            if (running != null && !plugin.unloadFrom(running, bound) && !last) {
                late(running, "ending plugin '" + plugin.name() + "'");
            }
            synchronized (gate) {
                plugins.remove(plugin);
            }
            if (last) {
                close();
            }
        } finally {
            changes.unlock();
        }
    }

    /**
     * Returns the worker that takes calls; waits while it is begun anew.
     *
     * @param deadline {@link System#nanoTime} to wait until
     */
    Worker awaitWorker(long deadline) {
        Worker running = current;
        if (running != null) {
            return running;
        }
        boolean interrupted = false;
        try {
            synchronized (gate) {
                while (current == null) {
                    if (failure != null) {
                        throw outOfService();
                    }
                    if (closed) {
                        throw new PluginException(
                                ErrorCode.UNAVAILABLE, "native plugin '" + name + "' is being closed; try again");
                    }
                    long left = deadline - System.nanoTime();
                    if (left <= 0) {
                        throw new PluginException(
                                ErrorCode.UNAVAILABLE,
                                "the process of native plugin '" + name + "' is being started again; try again");
                    }
                    try {
                        TimeUnit.NANOSECONDS.timedWait(gate, left);
                    } catch (InterruptedException e) {
                        interrupted = true;
                    }
                }
                return current;
            }
        } finally {
            if (interrupted) {
                Thread.currentThread().interrupt();
            }
        }
    }

    /** Ends a worker in which something passed its deadline; no call reaches it any more. */
    void late(Worker worker, String what) {
        synchronized (gate) {
            if (current == worker) {
                current = null;
            }
        }
        worker.kill(what + " passed its deadline");
    }

    /** Makes the failure of a call that was lost with its worker. */
    PluginException crashed(WorkerEnd end) {
        return new PluginException(
                ErrorCode.PLUGIN_CRASHED,
                "native plugin '" + name + "': " + (end.ours() ? "its worker was ended: " : "worker died: ")
                        + end.reason());
    }

    private Worker obtain() {
        if (grants.needNoProcessOfTheirOwn()) {
            Optional<Worker> spare = supplies.spares.take();
            if (spare.isPresent()) {
                return spare.get();
            }
        }
        Worker made = supplies.factory.make(grants);
        supplies.spares.tryAgain();
        return made;
    }

    private void begin(@Nullable Worker worker) {
        synchronized (gate) {
            loading = worker;
        }
    }

    /** A load that hangs must not keep the unload waiting until its deadline. */
    private void interruptLoading(ProcessPlugin plugin) {
        synchronized (gate) {
            Worker worker = loading;
            if (worker != null && plugins.size() == 1 && plugins.contains(plugin)) {
                closed = true;
                worker.kill("its plugin is being unloaded");
            }
        }
    }

    private void use(Worker worker) {
        synchronized (gate) {
            policy.born(System.nanoTime());
            supervised = worker;
            current = worker;
            gate.notifyAll();
        }
        worker.whenDead(end -> ended(worker, end));
    }

    /** Runs on the worker's own thread, so it does not wait for anything. */
    private void ended(Worker worker, WorkerEnd end) {
        synchronized (gate) {
            if (supervised != worker) {
                return;
            }
            supervised = null;
            current = null;
            if (!closed) {
                startAgain(worker.pid(), end);
            }
        }
    }

    /** The gate must be held. */
    private void startAgain(String pid, WorkerEnd end) {
        LOG.log(
                System.Logger.Level.WARNING,
                "native plugin {0}: worker {1} {2}: {3}{4}",
                name,
                pid,
                end.ours() ? "was ended" : "died",
                end.reason(),
                end.ours() ? "" : "; " + CrashLines.report(end.lastLines()));
        plugins.forEach(plugin -> plugin.report(PluginEvent.Kind.CRASHED, end.reason()));
        Optional<Duration> wait = end.ours() ? Optional.of(policy.ended()) : policy.died(System.nanoTime());
        if (wait.isPresent()) {
            supplies.hostWork.startIn(wait.get(), this::restart);
            return;
        }
        String why = policy.tooMany() + ", last of " + end.reason();
        failure = why;
        gate.notifyAll();
        plugins.forEach(plugin -> plugin.report(PluginEvent.Kind.FAILED, why));
    }

    private void restart() {
        changes.lock();
        try {
            if (isOver()) {
                return;
            }
            Worker worker = null;
            try {
                worker = obtain();
                begin(worker);
                for (ProcessPlugin plugin : plugins) {
                    plugin.loadInto(worker, memoryOf(null));
                }
                use(worker);
            } catch (WorkerEnd.DiedException e) {
                again(
                        worker,
                        new WorkerEnd(
                                false,
                                e.end().reason() + ", while it was started",
                                e.end().lastLines()));
            } catch (TimeoutException e) {
                worker.kill("its start passed its deadline");
                again(worker, new WorkerEnd(false, "its start passed its deadline", List.of()));
            } catch (PluginException e) {
                if (worker != null) {
                    supplies.factory.end(worker, "its plugins could not be loaded again");
                }
                again(worker, new WorkerEnd(false, "it cannot be started again: " + e.getMessage(), List.of()));
            } finally {
                begin(null);
            }
        } finally {
            changes.unlock();
        }
    }

    private void again(@Nullable Worker worker, WorkerEnd end) {
        synchronized (gate) {
            if (!closed) {
                startAgain(worker == null ? "" : worker.pid(), end);
            }
        }
    }

    private boolean isOver() {
        synchronized (gate) {
            return closed || failure != null || current != null || plugins.isEmpty();
        }
    }

    /** The process gets what its plugins may use, together. */
    private long memoryOf(@Nullable ProcessPlugin added) {
        long bytes = added == null ? 0 : added.memoryBytes();
        for (ProcessPlugin plugin : plugins) {
            bytes += plugin.memoryBytes();
        }
        return bytes;
    }

    private void close() {
        Worker last;
        synchronized (gate) {
            closed = true;
            last = supervised;
            supervised = null;
            current = null;
            gate.notifyAll();
        }
        if (last != null) {
            supplies.factory.end(last, "its plugin is unloaded");
        }
    }

    private PluginException outOfService() {
        return new PluginException(
                ErrorCode.PLUGIN_FAILED,
                "native plugin '" + name + "' is out of service: " + failure
                        + "; bring it back with enable, or unload it");
    }
}
