package org.circleosd.pluginmanager.nativeloader;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;

/**
 * The few functions of the C library that the stdout capture needs. They are called as {@link Function}s: a mapped
 * interface or a class with native methods would be held by JNA for ever, and with it this bundle.
 */
final class Libc {

    static final int STDOUT = 1;
    static final int READ_ONLY = 0;
    static final int WRITE_ONLY = 1;
    static final int ACCESS_MODE = 3;

    private static final int GET_FLAGS = 3;
    private static final short POLL_IN = 1;
    private static final int POLL_BYTES = 8;

    private final Function pipe = function("pipe");
    private final Function dup = function("dup");
    private final Function dup2 = function("dup2");
    private final Function close = function("close");
    private final Function open = function("open");
    private final Function fcntl = function("fcntl");
    private final Function poll = function("poll");
    private final Function read = function("read");
    private final Function write = function("write");
    private final Function fflush = function("fflush");
    private final Pointer stdout = NativeLibrary.getProcess()
            .getGlobalVariableAddress(Platform.isMac() ? "__stdoutp" : "stdout")
            .getPointer(0);

    /** Returns {reading end, writing end}; null if the process has no descriptors left. */
    int[] pipe() {
        try (Memory ends = new Memory(2L * Integer.BYTES)) {
            if (pipe.invokeInt(new Object[] {ends}) != 0) {
                throw new IllegalStateException("cannot make a pipe: no file descriptors left");
            }
            return ends.getIntArray(0, 2);
        }
    }

    int dup(int fd) {
        return dup.invokeInt(new Object[] {fd});
    }

    boolean dup2(int from, int to) {
        return dup2.invokeInt(new Object[] {from, to}) == to;
    }

    void close(int fd) {
        close.invokeInt(new Object[] {fd});
    }

    /** Opens /dev/null for writing; -1 if that fails. */
    int openNull() {
        return open.invokeInt(new Object[] {"/dev/null", WRITE_ONLY});
    }

    /** Returns the flags of an open descriptor; -1 if it is closed. */
    int flags(int fd) {
        return fcntl.invokeInt(new Object[] {fd, GET_FLAGS});
    }

    /** Waits until there is something to read: 0 looks and returns, -1 waits for ever. */
    boolean canRead(int fd, int timeoutMillis, Memory scratch) {
        scratch.setInt(0, fd);
        scratch.setInt(4, POLL_IN);
        return poll.invokeInt(new Object[] {scratch, 1L, timeoutMillis}) > 0;
    }

    /** Makes the memory that {@link #canRead} needs. */
    static Memory pollScratch() {
        return new Memory(POLL_BYTES);
    }

    long read(int fd, Memory into) {
        return read.invokeLong(new Object[] {fd, into, into.size()});
    }

    void writeByte(int fd) {
        try (Memory one = new Memory(1)) {
            one.setByte(0, (byte) 0);
            write.invokeLong(new Object[] {fd, one, 1L});
        }
    }

    /** Writes out what C code left in the buffer of stdout. Only of stdout: fflush(NULL) hangs behind a blocked getchar. */
    void flushStdout() {
        fflush.invokeInt(new Object[] {stdout});
    }

    private static Function function(String name) {
        return NativeLibrary.getProcess().getFunction(name);
    }
}
