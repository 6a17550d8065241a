package org.circleosd.pluginmanager.worker.linux;

import java.util.Map;

/** The {@code errno} values that are met here; the numbers are the same on x86-64 and aarch64. */
final class Errno {

    static final int EPERM = 1;
    static final int ENOENT = 2;
    static final int ESRCH = 3;
    static final int EINTR = 4;
    static final int EACCES = 13;
    static final int EINVAL = 22;
    static final int ENOTTY = 25;
    static final int ENOMEM = 12;
    static final int ENOSYS = 38;
    static final int EOPNOTSUPP = 95;

    private static final Map<Integer, String> TEXTS = Map.ofEntries(
            Map.entry(EPERM, "not permitted"),
            Map.entry(ENOENT, "no such file or folder"),
            Map.entry(ESRCH, "no such process or thread"),
            Map.entry(EINTR, "interrupted"),
            Map.entry(7, "arguments and environment are too long"),
            Map.entry(8, "not a program of this machine"),
            Map.entry(11, "no more processes or threads are allowed"),
            Map.entry(ENOMEM, "out of memory"),
            Map.entry(EACCES, "access denied"),
            Map.entry(16, "busy"),
            Map.entry(20, "not a folder"),
            Map.entry(EINVAL, "invalid argument"),
            Map.entry(23, "the system has no descriptors left"),
            Map.entry(24, "the daemon has no descriptors left"),
            Map.entry(28, "no space left"),
            Map.entry(ENOSYS, "the kernel does not have it"),
            Map.entry(EOPNOTSUPP, "not supported or switched off"));

    private Errno() {}

    /** Returns the meaning and the number. */
    static String text(int errno) {
        return TEXTS.getOrDefault(errno, "failed") + " (errno " + errno + ")";
    }
}
