package org.circleosd.pluginmanager.worker.linux;

import java.util.List;

/** The seccomp filters of a worker. */
final class Filters {

    private static final Rule REFUSED = Rule.errno(Errno.EPERM);
    private static final Rule DENIED = Rule.errno(Errno.EACCES);
    private static final Rule ABSENT = Rule.errno(Errno.ENOSYS);

    private static final int AF_INET = 2;
    private static final int AF_INET6 = 10;
    private static final int SOCK_STREAM = 1;
    private static final int SOCK_DGRAM = 2;
    private static final int SOCK_TYPE_MASK = 0xf;

    private static final int O_TRUNC = 0x200;
    private static final int O_ACCMODE = 3;

    private static final int MAP_SHARED = 1;
    private static final int MAP_ANONYMOUS = 0x20;
    private static final int MAP_GROWSDOWN = 0x100;

    private static final int CLONE_THREAD = 0x1_0000;
    /** CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET, PTRACE and UNTRACED. */
    private static final int CLONE_REFUSED = 0x7e82_2000;

    /** F_SETOWN, F_SETSIG and F_SETOWN_EX, which have the kernel signal another process, and F_SETLEASE. */
    private static final List<Integer> REFUSED_FCNTL = List.of(8, 10, 15, 1024);

    /** TCGETS, TIOCGWINSZ, FIONREAD, FIONBIO, FIONCLEX and FIOCLEX. */
    private static final List<Integer> ALLOWED_IOCTL = List.of(0x5401, 0x5413, 0x541b, 0x5421, 0x5450, 0x5451);

    /**
     * PR_GET_DUMPABLE, PR_SET_NAME, PR_GET_NAME, PR_GET_SECCOMP, PR_CAPBSET_READ, PR_GET_TIMERSLACK,
     * PR_SET_NO_NEW_PRIVS, PR_GET_NO_NEW_PRIVS, PR_GET_THP_DISABLE, PR_SVE_GET_VL, PR_GET_SPECULATION_CTRL,
     * PR_PAC_RESET_KEYS, PR_GET_TAGGED_ADDR_CTRL, PR_PAC_GET_ENABLED_KEYS, PR_GET_MDWE and PR_SET_VMA.
     */
    private static final List<Integer> ALLOWED_PRCTL =
            List.of(3, 15, 16, 21, 23, 30, 38, 39, 42, 51, 52, 54, 56, 61, 66, 0x5356_4d41);

    private Filters() {}

    /**
     * Refuses what no worker ever needs, not even while it starts. It is inherited, so that it is there before the
     * worker's first instruction; what the worker confines itself further with is allowed.
     */
    static byte[] base(Machine machine) {
        return withoutTheNeverNeeded(new FilterBuilder(machine, Rule.ALLOW)).toBytes();
    }

    /**
     * The filter under which plugins run.
     *
     * @param pid of the worker, the only process that it may signal
     * @param network whether it may use the internet protocols
     */
    static byte[] lockdown(Lockdown kind, Machine machine, int pid, boolean network) {
        FilterBuilder filter =
                switch (kind) {
                    case JVM -> refusing(machine, network);
                    case C -> allowing(machine, network);
                };
        judgeByArguments(filter, pid);
        if (network) {
            filter.on(internetOnly(), Syscall.SOCKET);
        }
        return filter.toBytes();
    }

    private static FilterBuilder withoutTheNeverNeeded(FilterBuilder filter) {
        return filter.on(REFUSED, SyscallGroups.OTHER_PROCESSES)
                .on(REFUSED, SyscallGroups.KERNEL_PROGRAMS)
                .on(REFUSED, SyscallGroups.MOUNTS)
                .on(REFUSED, SyscallGroups.MACHINE)
                .on(REFUSED, SyscallGroups.NAMESPACES)
                .on(REFUSED, SyscallGroups.SHARED_BY_NAME)
                .on(REFUSED, SyscallGroups.FILE_ATTRIBUTES);
    }

    private static FilterBuilder refusing(Machine machine, boolean network) {
        FilterBuilder filter = withoutTheNeverNeeded(new FilterBuilder(machine, Rule.ALLOW))
                .on(REFUSED, SyscallGroups.NEW_PROCESSES)
                .on(REFUSED, SyscallGroups.IDENTITY)
                .on(REFUSED, SyscallGroups.SHARES)
                .on(REFUSED, SyscallGroups.OTHER_FILES)
                .on(REFUSED, SyscallGroups.UNCOUNTED_MEMORY)
                .on(REFUSED, Syscall.TKILL)
                .on(ABSENT, SyscallGroups.ABSENT);
        return network ? filter.on(DENIED, Syscall.SOCKETPAIR) : filter.on(DENIED, SyscallGroups.CONNECTIONS);
    }

    private static FilterBuilder allowing(Machine machine, boolean network) {
        FilterBuilder filter = new FilterBuilder(machine, REFUSED)
                .on(Rule.ALLOW, SyscallGroups.FILES)
                .on(Rule.ALLOW, SyscallGroups.DESCRIPTORS)
                .on(Rule.ALLOW, SyscallGroups.MEMORY)
                .on(Rule.ALLOW, SyscallGroups.THREADS)
                .on(Rule.ALLOW, SyscallGroups.QUESTIONS)
                .on(ABSENT, SyscallGroups.ABSENT);
        if (network) {
            filter.on(Rule.ALLOW, SyscallGroups.CONNECTIONS).on(Rule.ALLOW, SyscallGroups.CONNECTED);
            return filter.on(DENIED, Syscall.SOCKETPAIR);
        }
        return filter.on(DENIED, SyscallGroups.CONNECTIONS);
    }

    private static void judgeByArguments(FilterBuilder filter, int pid) {
        Rule onlySelf = Rule.whenArgument(0, List.of(pid), Rule.ALLOW, REFUSED);
        Rule onlyRead = Rule.whenNull(2, Rule.ALLOW, REFUSED);
        filter.on(onlySelf, Syscall.KILL, Syscall.TGKILL)
                .on(Rule.whenArgument(0, List.of(0, pid), onlyRead, REFUSED), Syscall.PRLIMIT64)
                .on(Rule.whenArgument(0, List.of(0), Rule.ALLOW, REFUSED), Syscall.SCHED_SETAFFINITY)
                .on(Rule.whenMasked(0, CLONE_REFUSED | CLONE_THREAD, CLONE_THREAD, Rule.ALLOW, REFUSED), Syscall.CLONE)
                .on(Rule.whenArgument(0, ALLOWED_PRCTL, Rule.ALLOW, REFUSED), Syscall.PRCTL)
                .on(Rule.whenArgument(1, REFUSED_FCNTL, REFUSED, Rule.ALLOW), Syscall.FCNTL)
                .on(Rule.whenArgument(1, ALLOWED_IOCTL, Rule.ALLOW, Rule.errno(Errno.ENOTTY)), Syscall.IOCTL)
                .on(countedMemory(), Syscall.MMAP)
                .on(honestFlags(1), Syscall.OPEN)
                .on(honestFlags(2), Syscall.OPENAT);
    }

    // Anonymous memory that is shared, or grows down, is not counted by RLIMIT_DATA.
    private static Rule countedMemory() {
        Rule none = Rule.errno(Errno.ENOMEM);
        int sharedMemory = MAP_SHARED | MAP_ANONYMOUS;
        Rule notShared = Rule.whenMasked(3, sharedMemory, sharedMemory, none, Rule.ALLOW);
        return Rule.whenMasked(3, MAP_GROWSDOWN, MAP_GROWSDOWN, none, notShared);
    }

    // Landlock before Linux 6.2 lets a file that may only be read be opened for reading and cut to nothing.
    private static Rule honestFlags(int argument) {
        return Rule.whenMasked(argument, O_TRUNC | O_ACCMODE, O_TRUNC, DENIED, Rule.ALLOW);
    }

    private static Rule internetOnly() {
        Rule streamOrPackets =
                new Rule.Test(1, false, SOCK_TYPE_MASK, List.of(SOCK_STREAM, SOCK_DGRAM), Rule.ALLOW, DENIED);
        return Rule.whenArgument(0, List.of(AF_INET, AF_INET6), streamOrPackets, DENIED);
    }
}
