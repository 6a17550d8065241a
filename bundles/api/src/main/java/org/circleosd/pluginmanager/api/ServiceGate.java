package org.circleosd.pluginmanager.api;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A neighbour's service that may be replaced while it is used. Calls go to the service that is bound; while there is
 * none they wait, bounded. {@link #unbind} blocks, bounded, until the calls on the leaving service have ended: the
 * framework announces a leaving service before its bundle stops, so that no call meets a stopped one.
 *
 * <p>Made for a Declarative Services reference that is optional, dynamic and greedy, whose bind and unbind methods call
 * the ones here.
 *
 * @param <T> the service
 */
public final class ServiceGate<T> {

    private static final System.Logger LOG = System.getLogger(ServiceGate.class.getName());

    private final String name;
    private final Duration wait;
    private final Duration drain;
    /** All that are bound, the one that takes new calls last; guarded by this. */
    private final List<Lease<T>> bound = new ArrayList<>();

    private volatile @Nullable Lease<T> current;

    /**
     * Makes a gate without a service.
     *
     * @param name of the service, for messages
     * @param wait how long a call waits while there is no service
     * @param drain how long {@link #unbind} waits for calls to end
     */
    public ServiceGate(String name, Duration wait, Duration drain) {
        this.name = name;
        this.wait = wait;
        this.drain = drain;
    }

    /** Sends new calls, and those that wait, to this service. */
    public synchronized void bind(T service) {
        bound.add(new Lease<>(service));
        useNewest();
    }

    /**
     * Sends no more calls to this service and waits, bounded, until those on it have ended. If another service is bound,
     * new calls go there meanwhile.
     */
    public void unbind(T service) {
        Lease<T> leaving = remove(service);
        if (leaving == null) {
            return;
        }
        int left = leaving.drain(drain);
        if (left > 0) {
            LOG.log(System.Logger.Level.WARNING, "{0} leaves with {1} calls that did not end", name, left);
        }
    }

    /** Says whether a service is bound. */
    public boolean isBound() {
        return current != null;
    }

    /**
     * Runs work on the service.
     *
     * @throws PluginException {@link ErrorCode#UNAVAILABLE} if there was no service for the whole wait
     */
    public <R> R call(Function<? super T, ? extends R> work) {
        Lease<T> lease = current;
        if (lease == null || !lease.enter()) {
            lease = await();
        }
        try {
            return work.apply(lease.service);
        } finally {
            lease.exit();
        }
    }

    private synchronized @Nullable Lease<T> remove(T service) {
        for (Lease<T> lease : bound) {
            if (lease.service == service) {
                bound.remove(lease);
                useNewest();
                return lease;
            }
        }
        return null;
    }

    private void useNewest() {
        current = bound.isEmpty() ? null : bound.get(bound.size() - 1);
        notifyAll();
    }

    private synchronized Lease<T> await() {
        long end = System.nanoTime() + wait.toNanos();
        while (true) {
            Lease<T> lease = current;
            if (lease != null && lease.enter()) {
                return lease;
            }
            long left = end - System.nanoTime();
            if (left <= 0) {
                throw new PluginException(
                        ErrorCode.UNAVAILABLE,
                        "the " + name + " is being replaced and was not back after " + wait.toMillis()
                                + " ms; try again");
            }
            try {
                TimeUnit.NANOSECONDS.timedWait(this, left);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new PluginException(ErrorCode.CANCELLED, "gave up waiting for the " + name);
            }
        }
    }

    /** A bound service with the number of calls on it; the sign bit says that it takes no more. */
    private static final class Lease<T> {

        private static final int CLOSED = Integer.MIN_VALUE;

        final T service;
        private final AtomicInteger calls = new AtomicInteger();

        Lease(T service) {
            this.service = service;
        }

        boolean enter() {
            while (true) {
                int now = calls.get();
                if (now < 0) {
                    return false;
                }
                if (calls.compareAndSet(now, now + 1)) {
                    return true;
                }
            }
        }

        void exit() {
            if (calls.decrementAndGet() == CLOSED) {
                synchronized (this) {
                    notifyAll();
                }
            }
        }

        /** Returns how many calls were left when the time was up. */
        synchronized int drain(Duration bound) {
            calls.getAndUpdate(now -> now | CLOSED);
            long end = System.nanoTime() + bound.toNanos();
            while (calls.get() != CLOSED) {
                long left = end - System.nanoTime();
                if (left <= 0) {
                    break;
                }
                try {
                    TimeUnit.NANOSECONDS.timedWait(this, left);
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    break;
                }
            }
            return calls.get() & ~CLOSED;
        }
    }
}
