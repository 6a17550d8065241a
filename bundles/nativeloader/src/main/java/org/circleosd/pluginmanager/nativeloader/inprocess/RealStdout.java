package org.circleosd.pluginmanager.nativeloader.inprocess;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.circleosd.pluginmanager.worker.abi.Posix;

/**
 * The descriptor of the real stdout, one in a process. A bundle that replaces this one may start while the old one has
 * descriptor 1 turned aside and would take that for the real one; so the first to come keeps a duplicate of it for the
 * process's life and leaves its number in a private file that only this process reads.
 *
 * @param note the file
 */
record RealStdout(Path note) {

    /**
     * Returns the descriptor; -1 if this process has no stdout.
     *
     * @throws IllegalStateException if the file cannot be written or read
     */
    int descriptor(Posix libc) {
        try {
            Files.createFile(note);
        } catch (FileAlreadyExistsException e) {
            return noted();
        } catch (IOException e) {
            throw new IllegalStateException("cannot write " + note + ": " + e.getMessage());
        }
        int descriptor = keep(libc);
        try {
            Files.writeString(note, Integer.toString(descriptor), StandardOpenOption.WRITE);
        } catch (IOException e) {
            throw new IllegalStateException("cannot write " + note + ": " + e.getMessage());
        }
        return descriptor;
    }

    private int noted() {
        try {
            return Integer.parseInt(Files.readString(note));
        } catch (IOException | NumberFormatException e) {
            throw new IllegalStateException("cannot read a descriptor's number from " + note + ": " + e.getMessage());
        }
    }

    private static int keep(Posix libc) {
        int flags = libc.flags(Posix.STDOUT);
        if (flags == -1) {
            // Closed: put something there, or the next file or socket of this process would get number 1.
            int sink = libc.openNull();
            if (sink >= 0 && sink != Posix.STDOUT) {
                libc.dup2(sink, Posix.STDOUT);
                libc.close(sink);
            }
        } else if ((flags & Posix.ACCESS_MODE) == Posix.READ_ONLY) {
            return -1;
        }
        return libc.dup(Posix.STDOUT);
    }
}
