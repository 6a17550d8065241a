package org.circleosd.pluginmanager.nativeloader.process;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Optional;
import org.circleosd.pluginmanager.api.PluginException;
import org.jspecify.annotations.Nullable;

/**
 * Workers that are ready and confined before anybody needs them, so that loading a plugin costs little more than opening
 * its library. They are replaced in the background.
 */
final class Spares implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(Spares.class.getName());
    /** After so many in a row that could not be made or did not live, none is made until some worker was. */
    private static final int MOST_FAILURES = 3;

    private final WorkerFactory factory;
    private final HostWork hostWork;
    private final int wanted;

    /** All below: guarded by this. */
    private final Deque<Worker> ready = new ArrayDeque<>();

    private int inWork;
    private int failures;
    private boolean closed;

    /** @param wanted how many are kept; 0: none */
    Spares(WorkerFactory factory, HostWork hostWork, int wanted) {
        this.factory = factory;
        this.hostWork = hostWork;
        this.wanted = wanted;
    }

    /** Takes one that lives; empty if there is none now. Another one is begun. */
    synchronized Optional<Worker> take() {
        Optional<Worker> taken = Optional.empty();
        while (taken.isEmpty() && !ready.isEmpty()) {
            Worker worker = ready.remove();
            if (worker.end() == null) {
                taken = Optional.of(worker);
                failures = 0;
            }
        }
        fill();
        return taken;
    }

    /** Notes that a worker could be made: so can spares. */
    synchronized void tryAgain() {
        failures = 0;
        fill();
    }

    /** Begins to make those that are missing. */
    synchronized void fill() {
        while (!closed && failures < MOST_FAILURES && ready.size() + inWork < wanted) {
            inWork++;
            hostWork.start(this::makeOne);
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        ready.forEach(worker -> worker.kill("it is not needed any more"));
        ready.clear();
    }

    private void makeOne() {
        Worker made = null;
        try {
            made = factory.make(NativeGrants.NONE);
            made.whenDead(end -> lost());
        } catch (PluginException e) {
            LOG.log(System.Logger.Level.WARNING, "no spare worker for native plugins: {0}", e.getMessage());
        } finally {
            made(made);
        }
    }

    private synchronized void made(@Nullable Worker worker) {
        inWork--;
        if (worker == null) {
            failures++;
        } else if (closed) {
            worker.kill("it is not needed any more");
        } else {
            ready.add(worker);
        }
        fill();
    }

    /** One died while it waited; a killed one, or a system in need of memory, must not make it a treadmill. */
    private synchronized void lost() {
        if (ready.removeIf(worker -> worker.end() != null)) {
            failures++;
            fill();
        }
    }
}
