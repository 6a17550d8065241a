package org.circleosd.pluginmanager.worker.linux;

import java.io.IOException;

/** Moves and closes file descriptors of this process, and sets its environment, as a worker does when it begins. */
public final class Descriptors {

    /** From here on the kernel puts what {@link #moveAway} moves: above what programs expect to find. */
    private static final int FIRST_HIGH = 100;

    private static final int F_GETFD = 1;

    private Descriptors() {}

    /**
     * Duplicates a descriptor to a high number that programs started from here do not get, and closes the original.
     *
     * @return the new number
     */
    public static int moveAway(int fd) throws IOException {
        int high = Libc.FCNTL.call(fd, Libc.F_DUPFD_CLOEXEC, FIRST_HIGH);
        if (high < 0) {
            throw failed("cannot duplicate descriptor " + fd);
        }
        Libc.CLOSE.call(fd);
        return high;
    }

    /** Makes {@code to} the same as {@code from}; started programs get it. */
    public static void duplicate(int from, int to) throws IOException {
        if (Libc.DUP3.call(from, to, 0) < 0) {
            throw failed("cannot make descriptor " + to + " a duplicate of " + from);
        }
    }

    /** Makes a descriptor read nothing and forget what is written. */
    public static void openNull(int fd) throws IOException {
        try (NativeText path = new NativeText("/dev/null")) {
            int opened = Libc.OPEN.call(path.address(), Libc.O_RDWR | Libc.O_CLOEXEC);
            if (opened < 0) {
                throw failed("cannot open /dev/null");
            }
            if (opened == fd) {
                return;
            }
            try {
                duplicate(opened, fd);
            } finally {
                Libc.CLOSE.call(opened);
            }
        }
    }

    /** Says whether a number stands for an open descriptor. */
    public static boolean isOpen(int fd) {
        return Libc.FCNTL.call(fd, F_GETFD) >= 0;
    }

    /** Closes one; nothing happens if it is closed. */
    public static void close(int fd) {
        Libc.CLOSE.call(fd);
    }

    /**
     * Sets a variable of the C environment, which {@code getenv} of a library reads and {@link System#getenv} does not.
     */
    public static void setEnvironment(String name, String value) throws IOException {
        CFunction setenv = CFunction.of("setenv");
        try (NativeText nativeName = new NativeText(name);
                NativeText nativeValue = new NativeText(value)) {
            if (setenv.call(nativeName.address(), nativeValue.address(), 1) != 0) {
                throw failed("cannot set the environment's variable " + name);
            }
        }
    }

    private static IOException failed(String what) {
        return new IOException(what + ": " + Errno.text(CFunction.errno()));
    }
}
