package org.circleosd.pluginmanager.sandbox.wasi;

import java.time.Instant;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.sandbox.wasi.tree.NewTimes;
import org.circleosd.pluginmanager.sandbox.wasi.tree.TreeFailure;
import org.circleosd.pluginmanager.sandbox.wasi.tree.WasiErrno;

/**
 * Which times a guest wants to set.
 *
 * @see <a href="https://github.com/WebAssembly/WASI/blob/wasi-0.1/preview1/docs.md#fstflags">fstflags</a>
 */
final class TimeChange {

    private static final int ACCESSED = 1;
    private static final int ACCESSED_NOW = 1 << 1;
    private static final int MODIFIED = 1 << 2;
    private static final int MODIFIED_NOW = 1 << 3;
    private static final int ALL = 0xf;

    private TimeChange() {}

    /** Fails with {@link WasiErrno#INVAL} if the flags contradict each other. */
    static NewTimes of(long accessed, long modified, int flags) {
        if ((flags & ~ALL) != 0
                || (flags & (ACCESSED | ACCESSED_NOW)) == (ACCESSED | ACCESSED_NOW)
                || (flags & (MODIFIED | MODIFIED_NOW)) == (MODIFIED | MODIFIED_NOW)) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        return new NewTimes(
                time(accessed, (flags & ACCESSED) != 0, (flags & ACCESSED_NOW) != 0),
                time(modified, (flags & MODIFIED) != 0, (flags & MODIFIED_NOW) != 0));
    }

    private static OptionalLong time(long given, boolean set, boolean now) {
        if (now) {
            Instant instant = Instant.now();
            return OptionalLong.of(TimeUnit.SECONDS.toNanos(instant.getEpochSecond()) + instant.getNano());
        }
        return set ? OptionalLong.of(given) : OptionalLong.empty();
    }
}
