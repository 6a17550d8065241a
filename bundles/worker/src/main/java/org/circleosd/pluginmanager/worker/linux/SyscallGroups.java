package org.circleosd.pluginmanager.worker.linux;

import static org.circleosd.pluginmanager.worker.linux.Syscall.*;

import java.util.EnumSet;
import java.util.Set;

/** System calls by what they are good for. */
final class SyscallGroups {

    /** Reading, changing or stopping other processes. */
    static final Set<Syscall> OTHER_PROCESSES = EnumSet.of(
            PTRACE,
            PROCESS_VM_READV,
            PROCESS_VM_WRITEV,
            KCMP,
            PIDFD_OPEN,
            PIDFD_GETFD,
            PIDFD_SEND_SIGNAL,
            PROCESS_MADVISE,
            PROCESS_MRELEASE,
            RT_SIGQUEUEINFO,
            RT_TGSIGQUEUEINFO,
            MIGRATE_PAGES,
            MOVE_PAGES,
            IOPRIO_SET,
            GET_ROBUST_LIST);

    /** What the kernel does for a programmer, with a history of holes. */
    static final Set<Syscall> KERNEL_PROGRAMS = EnumSet.of(
            BPF,
            PERF_EVENT_OPEN,
            USERFAULTFD,
            IO_URING_SETUP,
            IO_URING_ENTER,
            IO_URING_REGISTER,
            ADD_KEY,
            REQUEST_KEY,
            KEYCTL,
            LOOKUP_DCOOKIE,
            LSM_SET_SELF_ATTR);

    /** The tree of files as a whole, and ways to a file that go around its path. */
    static final Set<Syscall> MOUNTS = EnumSet.of(
            MOUNT,
            UMOUNT2,
            PIVOT_ROOT,
            CHROOT,
            OPEN_TREE,
            OPEN_TREE_ATTR,
            MOVE_MOUNT,
            FSOPEN,
            FSCONFIG,
            FSMOUNT,
            FSPICK,
            MOUNT_SETATTR,
            STATMOUNT,
            LISTMOUNT,
            NAME_TO_HANDLE_AT,
            OPEN_BY_HANDLE_AT,
            FANOTIFY_INIT,
            FANOTIFY_MARK,
            QUOTACTL,
            QUOTACTL_FD,
            SWAPON,
            SWAPOFF,
            USTAT,
            SYSFS,
            NFSSERVCTL,
            USELIB);

    /** The machine as a whole: its start, clock, name, modules and ports. */
    static final Set<Syscall> MACHINE = EnumSet.of(
            REBOOT,
            KEXEC_LOAD,
            KEXEC_FILE_LOAD,
            INIT_MODULE,
            FINIT_MODULE,
            DELETE_MODULE,
            CREATE_MODULE,
            ACCT,
            SYSLOG,
            SETTIMEOFDAY,
            CLOCK_SETTIME,
            ADJTIMEX,
            CLOCK_ADJTIME,
            SETHOSTNAME,
            SETDOMAINNAME,
            IOPL,
            IOPERM,
            MODIFY_LDT,
            VHANGUP,
            SYSCTL,
            PERSONALITY);

    /** New or other namespaces. */
    static final Set<Syscall> NAMESPACES = EnumSet.of(SETNS, UNSHARE);

    /** Memory and messages that processes share by a name. */
    static final Set<Syscall> SHARED_BY_NAME = EnumSet.of(
            SHMGET,
            SHMAT,
            SHMCTL,
            SHMDT,
            SEMGET,
            SEMOP,
            SEMCTL,
            SEMTIMEDOP,
            MSGGET,
            MSGSND,
            MSGRCV,
            MSGCTL,
            MQ_OPEN,
            MQ_UNLINK,
            MQ_TIMEDSEND,
            MQ_TIMEDRECEIVE,
            MQ_NOTIFY,
            MQ_GETSETATTR);

    /** Mode, owner, times and extended attributes of files: Landlock does not know them. */
    static final Set<Syscall> FILE_ATTRIBUTES = EnumSet.of(
            CHMOD,
            FCHMOD,
            FCHMODAT,
            FCHMODAT2,
            CHOWN,
            FCHOWN,
            LCHOWN,
            FCHOWNAT,
            SETXATTR,
            LSETXATTR,
            FSETXATTR,
            SETXATTRAT,
            REMOVEXATTR,
            LREMOVEXATTR,
            FREMOVEXATTR,
            REMOVEXATTRAT,
            FILE_SETATTR,
            UTIME,
            UTIMES,
            FUTIMESAT,
            UTIMENSAT,
            MKNOD,
            MKNODAT);

    /** New processes; {@code clone} is judged by its flags. */
    static final Set<Syscall> NEW_PROCESSES = EnumSet.of(EXECVE, EXECVEAT, FORK, VFORK);

    /** Other users and capabilities. */
    static final Set<Syscall> IDENTITY = EnumSet.of(
            SETUID, SETGID, SETREUID, SETREGID, SETRESUID, SETRESGID, SETFSUID, SETFSGID, SETGROUPS, CAPSET, SETPGID,
            SETSID);

    /** Shares of the machine; some of these reach other processes of the same user. */
    static final Set<Syscall> SHARES =
            EnumSet.of(SETRLIMIT, SETPRIORITY, SCHED_SETPARAM, SCHED_SETSCHEDULER, SCHED_SETATTR, SYNC, SYNCFS);

    /** What begins a connection. */
    static final Set<Syscall> CONNECTIONS = EnumSet.of(SOCKET, SOCKETPAIR, CONNECT, BIND, LISTEN, ACCEPT, ACCEPT4);

    /** What is done with a connection. */
    static final Set<Syscall> CONNECTED = EnumSet.of(
            GETSOCKNAME,
            GETPEERNAME,
            SENDTO,
            RECVFROM,
            SENDMSG,
            RECVMSG,
            SENDMMSG,
            RECVMMSG,
            SHUTDOWN,
            SETSOCKOPT,
            GETSOCKOPT);

    /** Links; a changed working directory; changes by a path that Landlock sees only from Linux 6.2 on. */
    static final Set<Syscall> OTHER_FILES =
            EnumSet.of(LINK, LINKAT, SYMLINK, SYMLINKAT, CHDIR, FCHDIR, TRUNCATE, INOTIFY_ADD_WATCH);

    /** Memory that RLIMIT_DATA does not count. */
    static final Set<Syscall> UNCOUNTED_MEMORY = EnumSet.of(MEMFD_CREATE, MEMFD_SECRET);

    /** What nothing needs that has the newer call; libraries expect that a kernel may not have it. */
    static final Set<Syscall> ABSENT = EnumSet.of(
            CLONE3,
            OPENAT2,
            MAP_SHADOW_STACK,
            REMAP_FILE_PAGES,
            IO_SETUP,
            IO_DESTROY,
            IO_SUBMIT,
            IO_CANCEL,
            IO_GETEVENTS,
            IO_PGETEVENTS);

    /** Files by their paths, within what Landlock allows; {@code open} is judged by its flags. */
    static final Set<Syscall> FILES = EnumSet.of(
            CREAT,
            ACCESS,
            FACCESSAT,
            FACCESSAT2,
            READLINK,
            READLINKAT,
            STAT,
            LSTAT,
            NEWFSTATAT,
            STATX,
            STATFS,
            GETCWD,
            MKDIR,
            MKDIRAT,
            RMDIR,
            UNLINK,
            UNLINKAT,
            RENAME,
            RENAMEAT,
            RENAMEAT2,
            UMASK);

    /** Open descriptors; {@code fcntl} and {@code ioctl} are judged by their commands. */
    static final Set<Syscall> DESCRIPTORS = EnumSet.of(
            READ,
            WRITE,
            READV,
            WRITEV,
            PREAD64,
            PWRITE64,
            PREADV,
            PWRITEV,
            PREADV2,
            PWRITEV2,
            LSEEK,
            CLOSE,
            CLOSE_RANGE,
            DUP,
            DUP2,
            DUP3,
            FSTAT,
            FSTATFS,
            GETDENTS,
            GETDENTS64,
            FTRUNCATE,
            FALLOCATE,
            FSYNC,
            FDATASYNC,
            SYNC_FILE_RANGE,
            FLOCK,
            FADVISE64,
            READAHEAD,
            COPY_FILE_RANGE,
            SENDFILE,
            SPLICE,
            PIPE,
            PIPE2,
            EVENTFD,
            EVENTFD2,
            SIGNALFD,
            SIGNALFD4,
            TIMERFD_CREATE,
            TIMERFD_SETTIME,
            TIMERFD_GETTIME,
            POLL,
            PPOLL,
            SELECT,
            PSELECT6,
            EPOLL_CREATE,
            EPOLL_CREATE1,
            EPOLL_CTL,
            EPOLL_WAIT,
            EPOLL_PWAIT,
            EPOLL_PWAIT2);

    /** Memory of this process; {@code mmap} is judged by its flags. */
    static final Set<Syscall> MEMORY = EnumSet.of(
            MPROTECT,
            MUNMAP,
            MREMAP,
            MSYNC,
            MINCORE,
            MADVISE,
            BRK,
            PKEY_MPROTECT,
            PKEY_ALLOC,
            PKEY_FREE,
            MSEAL,
            GET_MEMPOLICY,
            MEMBARRIER);

    /** Threads, signals and timers of this process. */
    static final Set<Syscall> THREADS = EnumSet.of(
            FUTEX,
            FUTEX_WAITV,
            FUTEX_WAIT,
            FUTEX_WAKE,
            FUTEX_REQUEUE,
            SET_ROBUST_LIST,
            RSEQ,
            SET_TID_ADDRESS,
            EXIT,
            EXIT_GROUP,
            RESTART_SYSCALL,
            RT_SIGACTION,
            RT_SIGPROCMASK,
            RT_SIGRETURN,
            RT_SIGPENDING,
            RT_SIGTIMEDWAIT,
            RT_SIGSUSPEND,
            SIGALTSTACK,
            PAUSE,
            WAIT4,
            WAITID,
            SCHED_YIELD,
            NANOSLEEP,
            CLOCK_NANOSLEEP,
            CLOCK_GETTIME,
            CLOCK_GETRES,
            GETTIMEOFDAY,
            TIME,
            TIMES,
            ALARM,
            GETITIMER,
            SETITIMER,
            TIMER_CREATE,
            TIMER_SETTIME,
            TIMER_GETTIME,
            TIMER_GETOVERRUN,
            TIMER_DELETE);

    /** Questions about this process and the machine. */
    static final Set<Syscall> QUESTIONS = EnumSet.of(
            GETPID,
            GETTID,
            GETPPID,
            GETUID,
            GETEUID,
            GETGID,
            GETEGID,
            GETGROUPS,
            GETRESUID,
            GETRESGID,
            GETPGRP,
            GETPGID,
            GETSID,
            CAPGET,
            UNAME,
            SYSINFO,
            GETRUSAGE,
            GETRLIMIT,
            GETPRIORITY,
            GETCPU,
            GETRANDOM,
            SCHED_GETAFFINITY,
            SCHED_GETPARAM,
            SCHED_GETSCHEDULER,
            SCHED_GETATTR,
            SCHED_GET_PRIORITY_MAX,
            SCHED_GET_PRIORITY_MIN,
            SCHED_RR_GET_INTERVAL);

    private SyscallGroups() {}
}
