package org.circleosd.pluginmanager.worker.linux;

import com.sun.jna.Memory;
import com.sun.jna.Pointer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The users that workers run as, one each; the group has the same number. A live worker's user is taken by a lock on the
 * byte of that number in a file of root's, so that two daemons on a machine do not share one either. The lock belongs to
 * the open file: it ends with the daemon, however that ends.
 */
final class WorkerUsers implements AutoCloseable {

    /** Where all daemons of a machine look. */
    static final Path LOCKS = Path.of("/run/circleosd-plugin-manager.users");

    private static final int F_OFD_SETLK = 37;
    private static final short F_WRLCK = 1;
    private static final short F_UNLCK = 2;
    private static final int LOCK_BYTES = 32;
    private static final int LOCK_START = 8;
    private static final int LOCK_LENGTH = 16;

    /** What a daemon must be capable of that changes the user of its workers, and still rules them. */
    private enum Capability {
        CAP_CHOWN(0),
        CAP_KILL(5),
        CAP_SETGID(6),
        CAP_SETUID(7);

        private final int bit;

        Capability(int bit) {
            this.bit = bit;
        }
    }

    private final int first;
    private final int last;
    private final Descriptor locks;
    private final Set<Integer> taken = new HashSet<>();
    private int next;

    private WorkerUsers(int first, int last, Descriptor locks) {
        this.first = first;
        this.last = last;
        this.locks = locks;
        this.next = first;
    }

    /**
     * Finds out whether this process can change users.
     *
     * @param first smallest number of a user
     * @param last largest number of a user
     * @throws IOException if it cannot, with the reason
     */
    static WorkerUsers open(Machine machine, Path lockFile, int first, int last) throws IOException {
        long capable = ProcessStatus.ofSelf().bits("CapEff");
        for (Capability one : Capability.values()) {
            if ((capable >> one.bit & 1) == 0) {
                throw new IOException("the daemon does not run as root (it lacks " + one + ")");
            }
        }
        int result = ThrowawayThread.make(Libc.SYSCALL.prepare(machine.number(Syscall.SETRESUID), -1, first, -1));
        if (result < 0) {
            throw new IOException("the daemon cannot become user " + first + ": " + Errno.text(-result));
        }
        return withLocks(lockFile, first, last);
    }

    /** Takes it for granted that users can be changed. */
    static WorkerUsers withLocks(Path lockFile, int first, int last) throws IOException {
        return new WorkerUsers(first, last, Descriptor.create(lockFile));
    }

    /** Takes one; empty if all are taken. */
    synchronized OptionalInt take() {
        for (int i = first; i <= last; i++) {
            int user = next;
            next = next == last ? first : next + 1;
            if (!taken.contains(user) && lock(user, F_WRLCK)) {
                taken.add(user);
                return OptionalInt.of(user);
            }
        }
        return OptionalInt.empty();
    }

    /** Gives one back, none of whose processes is left. */
    synchronized void giveBack(int user) {
        if (taken.remove(user)) {
            lock(user, F_UNLCK);
        }
    }

    @Override
    public synchronized void close() {
        locks.close();
    }

    private boolean lock(int user, short kind) {
        try (Memory lock = new Memory(LOCK_BYTES)) {
            lock.clear();
            lock.setShort(0, kind);
            lock.setLong(LOCK_START, user);
            lock.setLong(LOCK_LENGTH, 1);
            return Libc.FCNTL.call(locks.number(), F_OFD_SETLK, Pointer.nativeValue(lock)) == 0;
        }
    }
}
