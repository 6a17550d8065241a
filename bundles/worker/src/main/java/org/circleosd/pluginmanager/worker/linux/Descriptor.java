package org.circleosd.pluginmanager.worker.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** An open descriptor of ours, which started programs do not get. */
final class Descriptor implements AutoCloseable {

    /** The first number that is not one of the three every program has. */
    private static final int FIRST_OTHER = 3;

    private static final int OWNER_READS_AND_WRITES = 6 << 6;

    private final int number;
    private boolean closed;

    private Descriptor(int number) {
        this.number = number;
    }

    /**
     * Takes the result of a call that makes a descriptor.
     *
     * @param what the call was to do, for the message
     */
    static Descriptor of(int result, String what) throws IOException {
        if (result < 0) {
            throw new IOException("cannot " + what + ": " + Errno.text(CFunction.errno()));
        }
        if (result >= FIRST_OTHER) {
            return new Descriptor(result);
        }
        // This process was started with a closed stdin, stdout or stderr. What is put in their place in a child would
        // overwrite this one first.
        int moved = Libc.FCNTL.call(result, Libc.F_DUPFD_CLOEXEC, FIRST_OTHER);
        int errno = moved < 0 ? CFunction.errno() : 0;
        Libc.CLOSE.call(result);
        if (moved < 0) {
            throw new IOException("cannot " + what + ": " + Errno.text(errno));
        }
        return new Descriptor(moved);
    }

    /** Opens a file; close-on-exec is added to the flags. */
    static Descriptor open(Path path, int flags) throws IOException {
        try (NativeText text = new NativeText(path.toString())) {
            return of(Libc.OPEN.call(text.address(), flags | Libc.O_CLOEXEC, 0), "open " + path);
        }
    }

    /** Opens a file for reading and writing; one that does not exist is made for the owner only. */
    static Descriptor create(Path path) throws IOException {
        try (NativeText text = new NativeText(path.toString())) {
            int flags = Libc.O_RDWR | Libc.O_CREAT | Libc.O_CLOEXEC;
            return of(Libc.OPEN.call(text.address(), flags, OWNER_READS_AND_WRITES), "open " + path);
        }
    }

    int number() {
        return number;
    }

    /** Returns the path under which the kernel lets it be opened anew. */
    Path link() {
        return Path.of("/proc/self/fd/" + number);
    }

    /** Returns the path of what was opened, without symbolic links. */
    Path path() throws IOException {
        return Files.readSymbolicLink(link());
    }

    @Override
    public synchronized void close() {
        if (!closed) {
            closed = true;
            Libc.CLOSE.call(number);
        }
    }
}
