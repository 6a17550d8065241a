package org.circleosd.pluginmanager.sandbox.wasi;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.circleosd.pluginmanager.api.engine.GuestMemory;

/** Clocks of a guest, and its sleep. Every int-returning method returns a {@link WasiErrno}. */
final class WasiClock {

    private static final int REALTIME = 0;
    /** 1 is the monotonic clock; 2 and 3, CPU time of process and thread, are answered with it as well. */
    private static final int LAST_CLOCK = 3;

    private static final long RESOLUTION_NANOS = 1_000;

    private static final int SUBSCRIPTION_SIZE = 48;
    private static final int EVENT_SIZE = 32;
    private static final int MAX_SUBSCRIPTIONS = 1024;
    private static final int EVENT_CLOCK = 0;
    private static final int LAST_EVENT = 2;
    private static final int ABSOLUTE = 1;
    private static final int NEVER = -1;

    private final long begin = System.nanoTime();

    int resolution(GuestMemory memory, int clock, int at) {
        return answer(memory, clock, at, RESOLUTION_NANOS);
    }

    int time(GuestMemory memory, int clock, int at) {
        return answer(memory, clock, at, now(clock));
    }

    /**
     * Waits for the first of several events. Streams are always ready; without one among them it sleeps until the first
     * clock is due, or until its thread is interrupted.
     */
    int poll(WasiStreams streams, GuestMemory memory, int in, int out, int count, int eventsAt) {
        if (count <= 0 || count > MAX_SUBSCRIPTIONS) {
            return WasiErrno.INVAL;
        }
        if (!Wasi.fits(memory, in, (long) count * SUBSCRIPTION_SIZE)
                || !Wasi.fits(memory, out, (long) count * EVENT_SIZE)
                || !Wasi.fits(memory, eventsAt, 4)) {
            return WasiErrno.FAULT;
        }
        long[] waits = new long[count];
        long shortest = Long.MAX_VALUE;
        for (int i = 0; i < count; i++) {
            waits[i] = waitOf(memory, in + i * SUBSCRIPTION_SIZE);
            if (waits[i] == NEVER) {
                return WasiErrno.INVAL;
            }
            shortest = Math.min(shortest, waits[i]);
        }
        sleep(shortest);
        int events = 0;
        for (int i = 0; i < count; i++) {
            if (waits[i] <= shortest) {
                writeEvent(streams, memory, in + i * SUBSCRIPTION_SIZE, out + events * EVENT_SIZE);
                events++;
            }
        }
        memory.writeInt(eventsAt, events);
        return WasiErrno.SUCCESS;
    }

    private int answer(GuestMemory memory, int clock, int at, long nanos) {
        if (clock < 0 || clock > LAST_CLOCK) {
            return WasiErrno.INVAL;
        }
        if (!Wasi.fits(memory, at, 8)) {
            return WasiErrno.FAULT;
        }
        memory.writeLong(at, nanos);
        return WasiErrno.SUCCESS;
    }

    private long now(int clock) {
        if (clock != REALTIME) {
            return System.nanoTime() - begin;
        }
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }

    /** Returns how many nanoseconds an event is away; 0 for a stream, {@link #NEVER} for what is no event. */
    private long waitOf(GuestMemory memory, int subscription) {
        int type = memory.readByte(subscription + 8);
        if (type != EVENT_CLOCK) {
            return type <= LAST_EVENT ? 0 : NEVER;
        }
        int clock = memory.readInt(subscription + 16);
        if (clock < 0 || clock > LAST_CLOCK) {
            return NEVER;
        }
        long timeout = readLong(memory, subscription + 24);
        // An unsigned number above the largest long is 292 years and more: as good as for ever.
        long nanos = timeout < 0 ? Long.MAX_VALUE : timeout;
        boolean absolute = (memory.readInt(subscription + 40) & ABSOLUTE) != 0;
        return absolute ? Math.max(0, nanos - now(clock)) : nanos;
    }

    private static void writeEvent(WasiStreams streams, GuestMemory memory, int subscription, int event) {
        long userdata = readLong(memory, subscription);
        int type = memory.readByte(subscription + 8);
        int fd = memory.readInt(subscription + 16);
        int error = type == EVENT_CLOCK ? WasiErrno.SUCCESS : streams.ifOpen(fd, WasiErrno.SUCCESS);
        memory.writeLong(event, userdata);
        memory.writeLong(event + 8, error | (long) type << 16);
        memory.writeLong(event + 16, type == EVENT_CLOCK ? 0 : streams.readable(fd));
        memory.writeLong(event + 24, 0);
    }

    private void sleep(long nanos) {
        long begun = System.nanoTime();
        long left = nanos;
        while (left > 0) {
            Wasi.stopIfInterrupted();
            LockSupport.parkNanos(this, left);
            left = nanos - (System.nanoTime() - begun);
        }
    }

    private static long readLong(GuestMemory memory, int address) {
        return Integer.toUnsignedLong(memory.readInt(address)) | (long) memory.readInt(address + 4) << 32;
    }
}
