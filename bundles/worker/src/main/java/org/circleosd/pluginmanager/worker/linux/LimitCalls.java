package org.circleosd.pluginmanager.worker.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * Sets resource limits of another process. If that runs as another user it takes the capability CAP_SYS_RESOURCE, which
 * root of a container often lacks, or a thread with the same real user and group, as here.
 */
final class LimitCalls implements AutoCloseable {

    private static final CFunction PRLIMIT = CFunction.of("prlimit");
    private static final int LIMIT_BYTES = 2 * Long.BYTES;
    private static final int SAME = -1;

    private final int pid;
    private final OptionalInt user;
    private final List<Limit> limits = new ArrayList<>();

    /** @param bounded whether the value is the most that it can ever be set to again, too */
    private record Limit(int resource, long value, boolean bounded, Memory cell) {}

    /** @param user the process's real user and group; empty if they are those of this process */
    LimitCalls(int pid, OptionalInt user) {
        this.pid = pid;
        this.user = user;
    }

    /** Notes a limit. One that can grow leaves the most that it can be set to as it is. */
    void set(int resource, long value, boolean canGrow) {
        limits.add(new Limit(resource, value, !canGrow, new Memory(LIMIT_BYTES)));
    }

    /** Sets all that were noted. */
    void make() throws IOException {
        make(
                "look at",
                limits.stream()
                        .map(limit -> PRLIMIT.prepare(pid, limit.resource(), 0, Pointer.nativeValue(limit.cell())))
                        .toList());
        for (Limit limit : limits) {
            long most = limit.cell().getLong(Long.BYTES);
            // Infinity is -1.
            long value = Long.compareUnsigned(limit.value(), most) < 0 ? limit.value() : most;
            limit.cell().setLong(0, value);
            limit.cell().setLong(Long.BYTES, limit.bounded() ? value : most);
        }
        make(
                "set",
                limits.stream()
                        .map(limit -> PRLIMIT.prepare(pid, limit.resource(), Pointer.nativeValue(limit.cell()), 0))
                        .toList());
    }

    private void make(String what, List<PreparedCall> calls) throws IOException {
        List<PreparedCall> all = new ArrayList<>();
        if (user.isPresent()) {
            Machine machine =
                    Objects.requireNonNull(Machine.current(), "processes run as users on known machines only");
            int number = user.getAsInt();
            // The effective user stays: the files of this process would become another's with it.
            all.add(Libc.SYSCALL.prepare(machine.number(Syscall.SETRESGID), number, SAME, SAME));
            all.add(Libc.SYSCALL.prepare(machine.number(Syscall.SETRESUID), number, SAME, SAME));
        }
        all.addAll(calls);
        int result = ThrowawayThread.make(all.toArray(new PreparedCall[0]));
        if (result < 0) {
            throw new IOException(
                    "cannot " + what + " the resource limits of process " + pid + ": " + Errno.text(-result));
        }
    }

    @Override
    public void close() {
        limits.forEach(limit -> limit.cell().close());
    }
}
