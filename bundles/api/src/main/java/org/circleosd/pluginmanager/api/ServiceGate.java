package org.circleosd.pluginmanager.api;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Something that may be replaced while it is used, mostly a neighbour's service. Calls go to the one that is bound;
 * while there is none they wait, bounded. {@link #unbind} blocks, bounded, until the calls on the leaving one have
 * ended: the framework announces a leaving service before its bundle stops, so that no call meets a stopped one.
 *
 * <p>Made for a Declarative Services reference that is optional, dynamic and greedy, whose bind and unbind methods call
 * the ones here.
 *
 * @param <T> the service
 */
public final class ServiceGate<T> {

    private static final System.Logger LOG = System.getLogger(ServiceGate.class.getName());

    private final String name;
    private final Supplier<Duration> wait;
    private final Duration drain;
    /** All that are bound; guarded by this. */
    private final List<Lease<T>> bound = new ArrayList<>();
    /** Why calls are refused while nothing is bound; null: they wait. Guarded by this. */
    private @Nullable Refusal refusal;

    private volatile @Nullable Lease<T> current;

    /**
     * Makes a gate without a service.
     *
     * @param name of the service, for messages
     * @param wait how long a call waits while there is no service
     * @param drain how long {@link #unbind} waits for calls to end
     */
    public ServiceGate(String name, Duration wait, Duration drain) {
        this(name, () -> wait, drain);
    }

    /**
     * Makes a gate without a service.
     *
     * @param name of the service, for messages
     * @param wait says how long a call waits while there is no service; asked again whenever that time is up, so that it
     *     may grow. Called with a lock held: it must return at once
     * @param drain how long {@link #unbind} waits for calls to end
     */
    public ServiceGate(String name, Supplier<Duration> wait, Duration drain) {
        this.name = name;
        this.wait = wait;
        this.drain = drain;
    }

    /** Binds a service with ranking 0. */
    public void bind(T service) {
        bind(service, 0);
    }

    /**
     * Binds a service. New calls, and those that wait, go to the one with the highest ranking, among equals to the one
     * bound last.
     */
    public synchronized void bind(T service, int ranking) {
        int at = 0;
        while (at < bound.size() && bound.get(at).ranking <= ranking) {
            at++;
        }
        bound.add(at, new Lease<>(service, ranking));
        refusal = null;
        useBest();
    }

    /**
     * Sends no more calls to this service and waits, bounded, until those on it have ended. If another service is bound,
     * new calls go there meanwhile.
     */
    public void unbind(T service) {
        int left = release(service).await(drain);
        if (left > 0) {
            LOG.log(System.Logger.Level.WARNING, "{0} leaves with {1} calls that did not end", name, left);
        }
    }

    /** Sends no more calls to this service; those on it go on. A service that is not bound has none. */
    public synchronized Drain release(T service) {
        for (Lease<T> lease : bound) {
            if (lease.service == service) {
                bound.remove(lease);
                useBest();
                return lease::drain;
            }
        }
        return time -> 0;
    }

    /** Refuses calls while nothing is bound, also those that wait, until {@link #expect} or the next {@link #bind}. */
    public synchronized void refuse(ErrorCode code, String message) {
        refusal = new Refusal(code, message);
        notifyAll();
    }

    /** Lets calls wait that {@link #refuse} refused so far: a service is about to be bound. */
    public synchronized void expect() {
        refusal = null;
    }

    /** Says whether a service is bound. */
    public boolean isBound() {
        return current != null;
    }

    /**
     * Runs work on the service.
     *
     * @throws PluginException {@link ErrorCode#UNAVAILABLE} if there was no service for the whole wait, or what
     *     {@link #refuse} said
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

    private void useBest() {
        current = bound.isEmpty() ? null : bound.get(bound.size() - 1);
        notifyAll();
    }

    private synchronized Lease<T> await() {
        long began = System.nanoTime();
        while (true) {
            Lease<T> lease = current;
            if (lease != null && lease.enter()) {
                return lease;
            }
            if (lease == null && refusal != null) {
                throw new PluginException(refusal.code, refusal.message);
            }
            Duration most = wait.get();
            long left = most.toNanos() - (System.nanoTime() - began);
            if (left <= 0) {
                throw new PluginException(
                        ErrorCode.UNAVAILABLE,
                        "the " + name + " is being replaced and was not back after " + most.toMillis()
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

    /** The calls that are left on a released service. */
    @FunctionalInterface
    public interface Drain {

        /** Waits until the calls have ended; returns how many had not when the time was up. */
        int await(Duration bound);
    }

    private record Refusal(ErrorCode code, String message) {}

    /** A bound service with the number of calls on it; the sign bit says that it takes no more. */
    private static final class Lease<T> {

        private static final int CLOSED = Integer.MIN_VALUE;

        final T service;
        final int ranking;
        private final AtomicInteger calls = new AtomicInteger();

        Lease(T service, int ranking) {
            this.service = service;
            this.ranking = ranking;
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
