package org.circleosd.pluginmanager.worker.abi;

import com.sun.jna.Function;
import com.sun.jna.Memory;
import com.sun.jna.Native;
import com.sun.jna.NativeLibrary;
import com.sun.jna.Platform;
import com.sun.jna.Pointer;

/**
 * The few functions of the C library that lead descriptors elsewhere. They are called as {@link Function}s: a mapped
 * interface or a class with native methods would be held by JNA for ever, and with it its bundle.
 */
public final class Posix {

    public static final int STDIN = 0;
    public static final int STDOUT = 1;
    public static final int STDERR = 2;
    public static final int READ_ONLY = 0;
    private static final int READ_WRITE = 2;
    public static final int ACCESS_MODE = 3;

    private static final int GET_DESCRIPTOR_FLAGS = 1;
    private static final int SET_DESCRIPTOR_FLAGS = 2;
    private static final int CLOSE_ON_EXEC = 1;
    private static final int GET_FLAGS = 3;
    private static final short POLL_IN = 1;
    private static final int POLL_RESULT_AT = 6;
    private static final int POLL_BYTES = 8;
    /** EINTR; the same on every system. */
    private static final int INTERRUPTED = 4;

    private final Function pipe = function("pipe");
    private final Function dup = function("dup");
    private final Function dup2 = function("dup2");
    private final Function close = function("close");
    private final Function open = function("open");
    private final Function fcntl = function("fcntl");
    private final Function poll = function("poll");
    private final Function read = function("read");
    private final Function write = function("write");
    private final Function setenv = function("setenv");
    private final Function fflush = function("fflush");
    private final Pointer stdout = NativeLibrary.getProcess()
            .getGlobalVariableAddress(Platform.isMac() ? "__stdoutp" : "stdout")
            .getPointer(0);

    /**
     * Returns {reading end, writing end}.
     *
     * @throws IllegalStateException if the process has no descriptors left
     */
    public int[] pipe() {
        try (Memory ends = new Memory(2L * Integer.BYTES)) {
            if (pipe.invokeInt(new Object[] {ends}) != 0) {
                throw new IllegalStateException("cannot make a pipe: no file descriptors left");
            }
            return ends.getIntArray(0, 2);
        }
    }

    /** Returns a new descriptor of the same file; negative if that fails. */
    public int dup(int fd) {
        return dup.invokeInt(new Object[] {fd});
    }

    /** Makes a number stand for the same file as another one. */
    public boolean dup2(int from, int to) {
        return dup2.invokeInt(new Object[] {from, to}) == to;
    }

    /** Closes a descriptor. */
    public void close(int fd) {
        close.invokeInt(new Object[] {fd});
    }

    /** Opens /dev/null for reading and writing; -1 if that fails. */
    public int openNull() {
        return open.invokeInt(new Object[] {"/dev/null", READ_WRITE});
    }

    /** Returns the flags of an open descriptor; -1 if it is closed. */
    public int flags(int fd) {
        return fcntl.invokeInt(new Object[] {fd, GET_FLAGS});
    }

    /** Waits until there is something to read: 0 looks and returns, -1 waits for ever. */
    public boolean canRead(int fd, int timeoutMillis, Memory scratch) {
        int ready;
        do {
            scratch.setInt(0, fd);
            scratch.setInt(4, POLL_IN);
            ready = poll.invokeInt(new Object[] {scratch, 1L, timeoutMillis});
            // A change of the user interrupts every thread of the process, by a signal of the C library's own.
        } while (ready < 0 && Native.getLastError() == INTERRUPTED);
        return ready > 0 && (scratch.getShort(POLL_RESULT_AT) & POLL_IN) != 0;
    }

    /** Makes the memory that {@link #canRead} needs. */
    public static Memory pollScratch() {
        return new Memory(POLL_BYTES);
    }

    /** Reads what there is, at most the memory's size; 0 at the end, negative if that fails. */
    public long read(int fd, Memory into) {
        return read.invokeLong(new Object[] {fd, into, into.size()});
    }

    /** Writes one byte. */
    public void writeByte(int fd) {
        try (Memory one = new Memory(1)) {
            one.setByte(0, (byte) 0);
            write.invokeLong(new Object[] {fd, one, 1L});
        }
    }

    /** Writes out what C code left in the buffer of stdout. Only of stdout: fflush(NULL) hangs behind a blocked getchar. */
    public void flushStdout() {
        fflush.invokeInt(new Object[] {stdout});
    }

    /** Returns what {@link CallMemory#flush} needs. */
    public Stdout stdout() {
        return new Stdout(
                Pointer.nativeValue(stdout),
                address("__fpending"),
                address("ftrylockfile"),
                Pointer.nativeValue(fflush),
                address("funlockfile"));
    }

    /** Keeps a descriptor from the programs that this process starts. */
    public void closeOnExec(int fd) {
        fcntl.invokeInt(new Object[] {fd, SET_DESCRIPTOR_FLAGS, CLOSE_ON_EXEC});
    }

    /** Says whether a descriptor was inherited: others are closed when a program is started. */
    public boolean isInherited(int fd) {
        int flags = fcntl.invokeInt(new Object[] {fd, GET_DESCRIPTOR_FLAGS});
        return flags >= 0 && (flags & CLOSE_ON_EXEC) == 0;
    }

    /** Sets a variable of the environment as C code sees it. */
    public void setEnvironment(String name, String value) {
        setenv.invokeInt(new Object[] {name, value, 1});
    }

    private static Function function(String name) {
        return NativeLibrary.getProcess().getFunction(name);
    }

    private static long address(String name) {
        try {
            return Pointer.nativeValue(function(name));
        } catch (UnsatisfiedLinkError e) {
            return 0;
        }
    }

    /**
     * Addresses of C's stdout and of what can be done with it.
     *
     * @param pending of {@code __fpending}; 0 in a C library without it
     */
    public record Stdout(long file, long pending, long tryLock, long flush, long unlock) {}
}
