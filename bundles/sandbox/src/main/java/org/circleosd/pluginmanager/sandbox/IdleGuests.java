package org.circleosd.pluginmanager.sandbox;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The pools of all plugins, for the moment when the engine has no memory left: guests that only wait give way to one
 * that has a call.
 */
final class IdleGuests {

    private final Set<PooledInstances> pools = ConcurrentHashMap.newKeySet();

    void add(PooledInstances pool) {
        pools.add(pool);
    }

    void remove(PooledInstances pool) {
        pools.remove(pool);
    }

    /** Closes all guests that wait; returns how many there were. */
    int release() {
        return pools.stream().mapToInt(PooledInstances::releaseIdle).sum();
    }
}
