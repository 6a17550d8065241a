package org.circleosd.pluginmanager.worker.linux;

/** The functions of the C library that several classes here call, and their constants. */
final class Libc {

    static final CFunction SYSCALL = CFunction.of("syscall");
    static final CFunction PRCTL = CFunction.of("prctl");
    static final CFunction OPEN = CFunction.of("open");
    static final CFunction CLOSE = CFunction.of("close");
    static final CFunction FCNTL = CFunction.of("fcntl");

    static final int O_RDONLY = 0;
    static final int O_RDWR = 2;
    static final int O_CREAT = 0x40;
    static final int O_PATH = 0x20_0000;
    static final int O_CLOEXEC = 0x8_0000;
    static final int F_DUPFD_CLOEXEC = 1030;

    static final int PR_SET_PDEATHSIG = 1;
    static final int PR_SET_NO_NEW_PRIVS = 38;
    static final int PR_GET_NO_NEW_PRIVS = 39;
    static final int PR_SET_MDWE = 65;
    static final int PR_GET_MDWE = 66;
    static final int PR_MDWE_REFUSE_EXEC_GAIN = 1;

    static final int SECCOMP_SET_MODE_FILTER = 1;
    static final int SECCOMP_GET_ACTION_AVAIL = 2;
    static final int SECCOMP_FILTER_FLAG_TSYNC = 1;

    static final int SIGKILL = 9;
    static final int SIGTERM = 15;

    private Libc() {}
}
