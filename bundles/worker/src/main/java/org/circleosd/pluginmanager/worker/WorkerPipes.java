package org.circleosd.pluginmanager.worker;

import java.io.BufferedInputStream;
import java.io.File;
import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.circleosd.pluginmanager.worker.abi.Posix;
import org.jspecify.annotations.Nullable;

/**
 * The pipes between the daemon and this process, away from the numbers that plugins know: descriptor 0 reads nothing, and
 * 1 is the log, as 2.
 *
 * @param posix null on a system that is none
 */
record WorkerPipes(
        InputStream requests,
        OutputStream replies,
        @Nullable Posix posix) {

    /** What a pipe holds. */
    private static final int PIECE_BYTES = 64 << 10;
    /** Descriptors beyond are not looked for: the daemon hands over none. */
    private static final int DESCRIPTORS = 1024;

    private static final Path OPEN = Path.of("/dev/fd");

    /** Takes the pipes that this process was started with, and closes all other descriptors that it inherited. */
    static WorkerPipes take(boolean windows) throws IOException {
        if (windows) {
            return new WorkerPipes(buffered(System.in), new FileOutputStream(FileDescriptor.out), null);
        }
        Posix posix = new Posix();
        closeOthers(posix);
        // Opened by name, not by looking which number is free: threads of the JVM open files at any time.
        InputStream requests = new FileInputStream(OPEN.resolve("0").toFile());
        OutputStream replies = new FileOutputStream(OPEN.resolve("1").toFile());
        for (int fd = Posix.STDERR + 1; fd < DESCRIPTORS; fd++) {
            posix.closeOnExec(fd);
        }
        int nothing = posix.openNull();
        posix.dup2(nothing, Posix.STDIN);
        posix.close(nothing);
        posix.dup2(Posix.STDERR, Posix.STDOUT);
        return new WorkerPipes(buffered(requests), replies, posix);
    }

    private static InputStream buffered(InputStream in) {
        return new BufferedInputStream(new Pieces(in), PIECE_BYTES);
    }

    private static void closeOthers(Posix posix) throws IOException {
        List<Path> own = ownPlaces();
        for (int fd = Posix.STDERR + 1; fd < DESCRIPTORS; fd++) {
            if (posix.isInherited(fd) && !isBelow(own, fd)) {
                posix.close(fd);
            }
        }
    }

    /** The JVM does not mark its files as its own: those of its classes, and those in which it looks for its limits. */
    private static List<Path> ownPlaces() throws IOException {
        List<Path> places = new ArrayList<>();
        places.add(Path.of("/proc"));
        places.add(Path.of("/sys"));
        places.add(Path.of(System.getProperty("java.home")).toRealPath());
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path place = Path.of(entry);
            if (Files.isRegularFile(place)) {
                places.add(place.toRealPath());
            }
        }
        return places;
    }

    private static boolean isBelow(List<Path> places, int fd) {
        try {
            Path file = Files.readSymbolicLink(OPEN.resolve(Integer.toString(fd)));
            return places.stream().anyMatch(file::startsWith);
        } catch (IOException | UnsupportedOperationException e) {
            // Nobody can tell: a file too many is better than a JVM without its classes.
            return true;
        }
    }

    /** Asks for no more than a pipe holds: Java takes memory from the system for each larger read. */
    private static final class Pieces extends FilterInputStream {

        Pieces(InputStream in) {
            super(in);
        }

        @Override
        public int read(byte[] bytes, int at, int length) throws IOException {
            return in.read(bytes, at, Math.min(length, PIECE_BYTES));
        }
    }
}
