package org.circleosd.pluginmanager.worker.linux;

import java.util.EnumMap;
import java.util.Map;
import org.circleosd.pluginmanager.worker.wire.ConfineStep;

/**
 * What a worker does to itself, on all of its threads, before it opens the first plugin. The calling thread has to be one
 * that lives as long as the process: the parent-death signal belongs to it.
 */
public final class SelfConfinement {

    /** Asks {@link #confine} to keep user and group. */
    public static final int SAME_USER = -1;

    private static final int MOST_INSTRUCTIONS = 4096;

    private SelfConfinement() {}

    /**
     * Has the kernel kill this process when the thread that started it ends. Ask {@link #parent} before and after: if
     * the answers differ, it ended in between, and the signal does not come.
     *
     * @return errno; 0 if done
     */
    public static int armParentDeath() {
        return errnoOf(Libc.PRCTL.call(Libc.PR_SET_PDEATHSIG, Libc.SIGKILL, 0, 0, 0));
    }

    /** Returns the pid of the parent; another one than before if the parent died. */
    public static int parent() {
        return CFunction.of("getppid").call();
    }

    /**
     * Carries out what the daemon asks for, in the order that works: a change of the user clears the parent-death signal,
     * and after the filter none of these is possible.
     *
     * @param uid to run as, with no other group than {@code gid}; {@link #SAME_USER} to change nothing
     * @param exactMemory refuse memory that is writable and executable
     * @param filter a program of {@code struct sock_filter}s; empty for none
     * @return the errno of each step that was asked for; 0 if done
     */
    public static Map<ConfineStep, Integer> confine(int uid, int gid, boolean exactMemory, byte[] filter) {
        Map<ConfineStep, Integer> steps = new EnumMap<>(ConfineStep.class);
        if (uid != SAME_USER) {
            steps.put(ConfineStep.USER, becomeUser(uid, gid));
        }
        steps.put(ConfineStep.PARENT_DEATH, armParentDeath());
        if (exactMemory) {
            int result = Libc.PRCTL.call(Libc.PR_SET_MDWE, Libc.PR_MDWE_REFUSE_EXEC_GAIN, 0, 0, 0);
            steps.put(ConfineStep.EXACT_MEMORY, errnoOf(result));
        }
        if (filter.length > 0) {
            steps.put(ConfineStep.FILTER, install(filter));
        }
        return steps;
    }

    // The C library's functions, not the system calls: these change one thread, those all threads of the process.
    private static int becomeUser(int uid, int gid) {
        int errno = errnoOf(CFunction.of("setgroups").call(0, 0));
        if (errno == 0) {
            errno = errnoOf(CFunction.of("setresgid").call(gid, gid, gid));
        }
        return errno != 0 ? errno : errnoOf(CFunction.of("setresuid").call(uid, uid, uid));
    }

    /** Installs a filter on all threads; returns an errno. */
    static int install(byte[] filter) {
        Machine machine = Machine.current();
        if (machine == null) {
            return Errno.ENOSYS;
        }
        if (filter.length % FilterMemory.INSTRUCTION_BYTES != 0
                || filter.length > MOST_INSTRUCTIONS * FilterMemory.INSTRUCTION_BYTES) {
            return Errno.EINVAL;
        }
        // Without it an ordinary user may not install a filter. Workers have it from the thread that started them.
        int errno = errnoOf(Libc.PRCTL.call(Libc.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
        if (errno != 0) {
            return errno;
        }
        try (FilterMemory program = new FilterMemory(filter)) {
            int result = Libc.SYSCALL.call(
                    machine.number(Syscall.SECCOMP),
                    Libc.SECCOMP_SET_MODE_FILTER,
                    Libc.SECCOMP_FILTER_FLAG_TSYNC,
                    program.address());
            // A positive result is the id of a thread that could not take the filter.
            return result > 0 ? Errno.ESRCH : errnoOf(result);
        }
    }

    private static int errnoOf(int result) {
        return result < 0 ? CFunction.errno() : 0;
    }
}
