package org.circleosd.pluginmanager.sandbox;

import java.lang.ref.SoftReference;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Reuses guests: after each call a guest returns to the state that its initialisation left, so that no call sees
 * another's traces. The latest one is lent first; the others age and are released when the Java heap runs short.
 */
final class PooledInstances implements InstancePool {

    private final GuestFactory factory;
    private final int maxIdle;
    private final Deque<SoftReference<Guest>> idle = new ArrayDeque<>();
    private boolean closed;

    /**
     * Makes an empty pool.
     *
     * @param maxIdle most guests that wait for a call; a busy plugin has as many as calls at once
     */
    PooledInstances(GuestFactory factory, int maxIdle) {
        this.factory = factory;
        this.maxIdle = maxIdle;
    }

    @Override
    public Guest take() {
        Guest guest = pollIdle();
        if (guest == null) {
            guest = factory.make();
            guest.capture();
        }
        return guest;
    }

    @Override
    public void giveBack(Guest guest, boolean intact) {
        if (!intact || !guest.restore() || !keep(guest)) {
            guest.close();
        }
    }

    @Override
    public synchronized void close() {
        closed = true;
        for (SoftReference<Guest> reference : idle) {
            Guest guest = reference.get();
            if (guest != null) {
                guest.close();
            }
        }
        idle.clear();
    }

    private synchronized @Nullable Guest pollIdle() {
        if (closed) {
            throw InstancePool.closed();
        }
        Guest guest = null;
        while (guest == null && !idle.isEmpty()) {
            guest = idle.pop().get();
        }
        return guest;
    }

    private synchronized boolean keep(Guest guest) {
        if (closed || idle.size() >= maxIdle) {
            return false;
        }
        idle.push(guest.softly());
        return true;
    }
}
