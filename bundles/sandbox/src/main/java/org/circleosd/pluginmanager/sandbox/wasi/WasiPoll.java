package org.circleosd.pluginmanager.sandbox.wasi;

import java.util.concurrent.locks.LockSupport;
import org.circleosd.pluginmanager.api.engine.GuestMemory;
import org.circleosd.pluginmanager.sandbox.wasi.tree.Interruption;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFailure;
import org.circleosd.pluginmanager.sandbox.wasi.tree.WasiErrno;

/**
 * {@code poll_oneoff}: waits for the first of several events. Files and streams are always ready; without one among the
 * events it sleeps until the first clock is due, or until its thread is interrupted.
 */
final class WasiPoll {

    private static final int SUBSCRIPTION_SIZE = 48;
    private static final int EVENT_SIZE = 32;
    private static final int MAX_SUBSCRIPTIONS = 1024;
    private static final int CLOCK = 0;
    private static final int LAST_EVENT = 2;
    private static final int FD_READ = 1;
    private static final int ABSOLUTE = 1;
    private static final int HANGUP = 1;

    private final Descriptors descriptors;
    private final WasiClock clock;

    WasiPoll(Descriptors descriptors, WasiClock clock) {
        this.descriptors = descriptors;
        this.clock = clock;
    }

    void poll(GuestMemory memory, int in, int out, int count, int eventsAt) {
        if (count <= 0 || count > MAX_SUBSCRIPTIONS) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        GuestData.check(memory, in, count * SUBSCRIPTION_SIZE);
        GuestData.check(memory, out, count * EVENT_SIZE);
        GuestData.check(memory, eventsAt, 4);
        // Copied: the guest may have its events written over its subscriptions.
        Subscription[] subscriptions = new Subscription[count];
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            subscriptions[i] = read(memory, in + i * SUBSCRIPTION_SIZE);
            shortest = Math.min(shortest, subscriptions[i].delay);
        }
        sleep(shortest);
        int events = 0;
        for (Subscription subscription : subscriptions) {
            if (subscription.delay <= shortest) {
                write(memory, subscription, out + events * EVENT_SIZE);
                events++;
            }
        }
        memory.writeInt(eventsAt, events);
    }

    private Subscription read(GuestMemory memory, int at) {
        long userdata = GuestData.readLong(memory, at);
        int type = memory.readByte(at + 8);
        int what = memory.readInt(at + 16);
        if (type > LAST_EVENT) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        if (type != CLOCK) {
            return new Subscription(userdata, type, what, 0);
        }
        if (what != WasiClock.REALTIME && what != WasiClock.MONOTONIC) {
            // A sleeping guest uses no CPU time: it would sleep for ever.
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        long timeout = GuestData.readLong(memory, at + 24);
        // An unsigned number above the largest long is 292 years and more: as good as for ever.
        long nanos = timeout < 0 ? Long.MAX_VALUE : timeout;
        boolean absolute = (memory.readInt(at + 40) & ABSOLUTE) != 0;
        return new Subscription(userdata, type, what, absolute ? Math.max(0, nanos - clock.now(what)) : nanos);
    }

    private void write(GuestMemory memory, Subscription subscription, int at) {
        int error = WasiErrno.SUCCESS;
        long bytes = 0;
        int flags = 0;
        if (subscription.type != CLOCK) {
            try {
                Descriptor descriptor = descriptors.get(subscription.what).need(WasiRights.POLL_FD_READWRITE);
                if (subscription.type == FD_READ) {
                    bytes = readable(descriptor);
                    flags = bytes == 0 && descriptor.opened() instanceof OpenStream ? HANGUP : 0;
                }
            } catch (TreeFailure e) {
                error = e.errno();
            }
        }
        memory.writeLong(at, subscription.userdata);
        memory.writeLong(at + 8, error | (long) subscription.type << 16);
        memory.writeLong(at + 16, bytes);
        memory.writeLong(at + 24, flags);
    }

    private static long readable(Descriptor descriptor) {
        if (descriptor.opened() instanceof OpenStream stream) {
            return stream.readable();
        }
        OpenFile file = descriptor.file();
        return Math.max(0, file.file().size() - file.position());
    }

    private void sleep(long nanos) {
        long begun = System.nanoTime();
        long left = nanos;
        while (left > 0) {
            Interruption.stopIfInterrupted();
            LockSupport.parkNanos(this, left);
            left = nanos - (System.nanoTime() - begun);
        }
    }

    /**
     * What a guest waits for.
     *
     * @param what the clock or the descriptor
     * @param delay nanoseconds until it comes
     */
    private record Subscription(long userdata, int type, int what, long delay) {}
}
