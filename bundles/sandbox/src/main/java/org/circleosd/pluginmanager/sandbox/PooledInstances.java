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
    private final IdleGuests idleGuests;
    private final Deque<SoftReference<Guest>> idle = new ArrayDeque<>();
    private boolean closed;

    /**
     * Makes an empty pool.
     *
     * @param maxIdle most guests that wait for a call; a busy plugin has as many as calls at once
     * @param idleGuests knows this pool until it is closed
     */
    PooledInstances(GuestFactory factory, int maxIdle, IdleGuests idleGuests) {
        this.factory = factory;
        this.maxIdle = maxIdle;
        this.idleGuests = idleGuests;
        idleGuests.add(this);
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
        idleGuests.remove(this);
        releaseIdle();
    }

    /** Closes the guests that wait for a call; returns how many there were. */
    synchronized int releaseIdle() {
        int released = 0;
        for (SoftReference<Guest> reference : idle) {
            Guest guest = reference.get();
            if (guest != null) {
                guest.close();
                released++;
            }
        }
        idle.clear();
        return released;
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
