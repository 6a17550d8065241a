package org.circleosd.pluginmanager.socket;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.jspecify.annotations.Nullable;

/**
 * The one thread that accepts, reads and splits, and that writes what clients did not take at once. The work itself is
 * the pool's.
 */
final class SelectorLoop implements Runnable {

    private static final System.Logger LOG = System.getLogger(SelectorLoop.class.getName());
    private static final long SWEEP_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final long LONGEST_TICK_MILLIS = 8;

    private final Settings settings;
    private final Requests requests;
    private final WorkerPool pool;
    private final BufferBudget budget;
    private final Acceptor acceptor;
    private final Poller poller = new Poller();
    private final IdleParking parking = new IdleParking(this);
    private final ReadBuffer buffer = new ReadBuffer();
    private final CountDownLatch ended = new CountDownLatch(1);

    /** Those that this thread's selector watches. */
    private final Set<Connection> active = new LinkedHashSet<>();

    private final Set<Connection> parked = ConcurrentHashMap.newKeySet();
    /** Those whose worker has further lines and so may hold replies back. */
    private final Set<Connection> holdingBack = new LinkedHashSet<>();

    private long nextSweepNanos;
    private long tickMillis = 1;
    /** Whether the next round must come after a tick, even if nothing happens. */
    private boolean ticking;

    private volatile @Nullable Stop stop;

    /**
     * How the end was asked for.
     *
     * @param refuseNanos when lines that wait are refused
     */
    private record Stop(long refuseNanos, long deadlineNanos, Thread asker) {}

    SelectorLoop(Settings settings, ListeningSocket socket, PeerPolicy policy, Requests requests, WorkerPool pool)
            throws IOException {
        this.settings = settings;
        this.requests = requests;
        this.pool = pool;
        this.budget = new BufferBudget(settings.maxBufferedBytes());
        this.acceptor = new Acceptor(socket, policy, settings.maxConnections(), this);
        acceptor.register(poller.selector());
    }

    void start() {
        parking.start();
        new NamedThreads("socket-selector", NamedThreads.SMALL_STACK)
                .newThread(this)
                .start();
    }

    /**
     * Stops accepting and reading, waits until what was sent is answered and the answers are taken, then closes all
     * connections. Does not wait for work that the calling thread itself carries.
     *
     * @param left whether the listening socket is left to the next server; lines that wait for their turn are then still
     *     run in the first half of the time, else refused
     */
    void stop(boolean left, Duration wait) throws InterruptedException {
        long now = System.nanoTime();
        Stop asked = new Stop(left ? now + wait.toNanos() / 2 : now, now + wait.toNanos(), Thread.currentThread());
        poller.execute(() -> {
            acceptor.stop(left);
            stop = asked;
            refuseIfDue(asked, System.nanoTime());
            all().forEach(connection -> connection.stopReading(buffer));
        });
        // The loop ends by itself at the deadline; what is above it covers a machine under load.
        if (!ended.await(2 * wait.toMillis() + 1_000, TimeUnit.MILLISECONDS)) {
            LOG.log(System.Logger.Level.ERROR, "the socket''s selector thread did not end");
        }
    }

    @Override
    public void run() {
        try {
            while (!isDone()) {
                poller.poll(timeoutMillis(System.nanoTime()), this::ready);
                boolean late = flushLate();
                boolean crowded = pool.relieve();
                tickMillis = crowded || !late ? 1 : Math.min(2 * tickMillis, LONGEST_TICK_MILLIS);
                ticking = late || crowded;
            }
        } finally {
            all().forEach(Connection::close);
            parking.stop();
            poller.close();
            ended.countDown();
        }
    }

    // ---- For connections and the acceptor, on this thread unless said otherwise ----

    BufferBudget budget() {
        return budget;
    }

    Requests requests() {
        return requests;
    }

    int connectionCount() {
        return active.size() + parked.size();
    }

    /** Returns how many connections are put aside; any thread may call. */
    int parkedCount() {
        return parked.size();
    }

    void add(SocketChannel channel, Caller caller) throws IOException {
        Connection connection = new Connection(channel, caller, settings, this);
        active.add(connection);
        connection.register(poller.selector());
    }

    void submit(Connection connection) {
        pool.submit(connection);
    }

    void watchLateReplies(Connection connection) {
        holdingBack.add(connection);
        ticking = true;
    }

    void closed(Connection connection) {
        active.remove(connection);
        parked.remove(connection);
        holdingBack.remove(connection);
    }

    void recall(Connection connection) {
        parking.recall(connection);
    }

    void dropped(Caller caller, long unsentBytes) {
        LOG.log(
                System.Logger.Level.WARNING,
                "closed a connection of uid {0} (pid {1}): it left {2} bytes of replies unread for {3} ms",
                Long.toString(caller.uid()),
                Long.toString(caller.pid()),
                Long.toString(unsentBytes),
                Long.toString(settings.unsentTimeout().toMillis()));
    }

    void closeFailed(Caller caller, IOException reason) {
        LOG.log(System.Logger.Level.DEBUG, "closing a connection of " + caller, reason);
    }

    /** Has the connection settled on this thread; any thread may call. */
    void attend(Connection connection) {
        poller.execute(connection::settle);
    }

    /** Takes a connection back from parking; any thread may call. */
    void bringBack(Connection connection) {
        poller.execute(() -> {
            if (parked.remove(connection)) {
                active.add(connection);
                register(connection);
            }
        });
    }

    // ---- The rounds of the loop ----

    private void ready(SelectionKey key) {
        if (key.attachment() instanceof Connection connection) {
            connection.ready(key, buffer);
        } else {
            acceptor.accept();
        }
    }

    private long timeoutMillis(long now) {
        long pause = acceptor.pauseLeft(now);
        long wait = Long.MAX_VALUE;
        if (pause > 0) {
            wait = pause;
        }
        if (!active.isEmpty()) {
            if (now - nextSweepNanos >= 0) {
                sweep(now);
                nextSweepNanos = now + SWEEP_NANOS;
            }
            wait = Math.min(wait, nextSweepNanos - now);
        }
        Stop asked = stop;
        if (asked != null) {
            wait = Math.min(wait, Math.max(1, asked.deadlineNanos - now));
            if (!refuseIfDue(asked, now)) {
                wait = Math.min(wait, Math.max(1, asked.refuseNanos - now));
            }
        }
        if (ticking) {
            wait = Math.min(wait, TimeUnit.MILLISECONDS.toNanos(tickMillis));
        }
        // 0 would mean: for ever.
        return wait == Long.MAX_VALUE ? 0 : Math.max(1, TimeUnit.NANOSECONDS.toMillis(wait));
    }

    private boolean refuseIfDue(Stop asked, long now) {
        boolean due = now - asked.refuseNanos >= 0;
        if (due) {
            requests.stop();
        }
        return due;
    }

    private void sweep(long now) {
        long idleSince = now - settings.parkAfter().toNanos();
        for (Connection connection : List.copyOf(active)) {
            connection.dropIfOverfull(now);
            if (stop == null && connection.isIdleSince(idleSince)) {
                active.remove(connection);
                parked.add(connection);
                connection.unregister();
                parking.park(connection);
            }
        }
    }

    private boolean flushLate() {
        if (holdingBack.isEmpty()) {
            return false;
        }
        for (Connection connection : List.copyOf(holdingBack)) {
            if (!connection.flushLate()) {
                holdingBack.remove(connection);
            }
        }
        return !holdingBack.isEmpty();
    }

    private void register(Connection connection) {
        try {
            connection.register(poller.selector());
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a parked connection is lost", e);
            connection.close();
        }
    }

    private boolean isDone() {
        Stop asked = stop;
        return asked != null
                && (System.nanoTime() - asked.deadlineNanos >= 0
                        || all().stream().allMatch(connection -> connection.isServedBy(asked.asker)));
    }

    private List<Connection> all() {
        List<Connection> all = new ArrayList<>(active);
        all.addAll(parked);
        return all;
    }
}
