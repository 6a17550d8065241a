package org.circleosd.pluginmanager.sandbox;

import java.time.Duration;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.sandbox.CallingConvention.GuestCall;
import org.jspecify.annotations.Nullable;

/** Calls on a guest of their own: no client's call finds a trace of them. For one thread. */
final class Rehearsal implements AutoCloseable {

    private final GuestFactory factory;
    private final DeadlineWatch watch;
    private final Duration timeout;
    private final boolean reusable;
    private @Nullable Guest guest;

    /**
     * Makes a rehearsal without a guest.
     *
     * @param timeout most time of one call
     * @param reusable whether a guest can take another call when it has returned to its first state
     */
    Rehearsal(GuestFactory factory, DeadlineWatch watch, Duration timeout, boolean reusable) {
        this.factory = factory;
        this.watch = watch;
        this.timeout = timeout;
        this.reusable = reusable;
    }

    /** Runs a call; throws {@link PluginException} and whatever else a call can throw. */
    byte[] run(GuestCall call) {
        return watch.within(timeout, () -> {
            Guest lent = guest == null ? make() : guest;
            guest = null;
            boolean intact = false;
            try {
                byte[] result = call.run(lent);
                intact = true;
                return result;
            } finally {
                lent.endCall();
                if (intact && reusable && lent.restore()) {
                    guest = lent;
                } else {
                    lent.close();
                }
            }
        });
    }

    private Guest make() {
        Guest made = factory.make();
        if (reusable) {
            made.capture();
        }
        return made;
    }

    @Override
    public void close() {
        if (guest != null) {
            guest.close();
            guest = null;
        }
    }
}
