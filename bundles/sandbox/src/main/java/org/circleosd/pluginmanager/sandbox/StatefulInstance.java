package org.circleosd.pluginmanager.sandbox;

import java.util.concurrent.locks.ReentrantLock;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.runtime.PluginLog;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one guest whose state lives from call to call; calls wait for each other in their order. A call that fails
 * takes the state with it: the next one finds a new guest.
 */
final class StatefulInstance implements InstancePool {

    private final GuestFactory factory;
    private final PluginLog log;
    private final ReentrantLock turn = new ReentrantLock(true);
    /** Guarded by the lock. */
    private @Nullable Guest guest;

    private volatile boolean closed;

    StatefulInstance(GuestFactory factory, PluginLog log) {
        this.factory = factory;
        this.log = log;
    }

    @Override
    public Guest take() {
        if (turn.isHeldByCurrentThread()) {
            throw new PluginException(
                    ErrorCode.PLUGIN_ERROR,
                    "the plugin is called from within its own call; a plugin with \"instances\":\"pooled\" in its"
                            + " manifest can be");
        }
        try {
            turn.lockInterruptibly();
        } catch (InterruptedException e) {
            throw new PluginException(ErrorCode.CANCELLED, "cancelled while earlier calls of the plugin ran");
        }
        boolean lent = false;
        try {
            if (closed) {
                throw InstancePool.closed();
            }
            Guest present = guest;
            if (present == null) {
                present = factory.make();
                guest = present;
            }
            lent = true;
            return present;
        } finally {
            if (!lent) {
                turn.unlock();
            }
        }
    }

    @Override
    public int concurrency() {
        return 1;
    }

    @Override
    public void giveBack(Guest lent, boolean intact) {
        try {
            if (intact && !lent.isSpent() && !closed) {
                return;
            }
            lent.close();
            guest = null;
            if (!intact) {
                log.append("[the call failed: the instance is dropped, the next call begins with a new state]");
            }
        } finally {
            turn.unlock();
        }
    }

    @Override
    public void close() {
        closed = true;
        // A call that holds the guest drops it when it ends; nobody waits for it here.
        if (turn.tryLock()) {
            try {
                if (guest != null) {
                    guest.close();
                    guest = null;
                }
            } finally {
                turn.unlock();
            }
        }
    }
}
