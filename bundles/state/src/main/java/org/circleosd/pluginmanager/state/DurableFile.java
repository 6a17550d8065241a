package org.circleosd.pluginmanager.state;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A file that is replaced as a whole: whoever reads it, also after a crash, finds the old content or the new. */
final class DurableFile {

    private static final String TEMPORARY = ".tmp";

    private final Path folder;
    private final Path file;
    private final Disk disk;
    private final boolean isPosix;

    DurableFile(Path folder, String name, Disk disk) {
        this.disk = disk;
        this.folder = folder.toAbsolutePath();
        file = this.folder.resolve(name);
        isPosix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    /** Makes the folder, for its owner only, if it is missing, and removes what a crash left half-written in it. */
    void prepare() throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, permissions("rwx------"));
            force(folder.getParent());
        }
        try (DirectoryStream<Path> leftOvers =
                Files.newDirectoryStream(folder, file.getFileName() + ".*" + TEMPORARY)) {
            for (Path leftOver : leftOvers) {
                Files.deleteIfExists(leftOver);
            }
        }
    }

    Path path() {
        return file;
    }

    /** Returns what tells one replacement of the file from the next; empty if there is no file. */
    Optional<Stamp> stamp() throws IOException {
        try {
            return Optional.of(stampOf(file));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    /**
     * Reads the file.
     *
     * @throws DamagedStateException if it is no regular file, or longer than allowed
     */
    byte[] read(int maxBytes) throws IOException, DamagedStateException {
        if (!Files.isRegularFile(file, NOFOLLOW_LINKS)) {
            throw new DamagedStateException("it is no regular file");
        }
        if (Files.size(file) > maxBytes) {
            throw new DamagedStateException("it is longer than " + maxBytes + " bytes");
        }
        return Files.readAllBytes(file);
    }

    /**
     * Replaces the content; on disk when this returns.
     *
     * @return the new {@link #stamp}
     * @throws UncertainWriteException if the disk failed while it made the new content durable
     * @throws IOException if it failed before, as a full disk does: the old content is there, untouched
     */
    Stamp replace(byte[] content) throws IOException {
        Path temporary = Files.createTempFile(folder, file.getFileName() + ".", TEMPORARY, permissions("rw-------"));
        try {
            try (FileChannel channel = FileChannel.open(temporary, WRITE)) {
                writeFully(channel, content);
                certain(() -> disk.force(channel));
            }
            Stamp stamp = stampOf(temporary);
            certain(() -> {
                Files.move(temporary, file, ATOMIC_MOVE);
                force(folder);
            });
            return stamp;
        } finally {
            Files.deleteIfExists(temporary);
        }
    }

    /** Keeps content beside the file under the first free name {@code NAME.corrupt-N}, unless it is there already. */
    Path keepAside(byte[] content) throws IOException {
        for (int n = 1; ; n++) {
            Path copy = folder.resolve(file.getFileName() + ".corrupt-" + n);
            try {
                Files.createFile(copy, permissions("rw-------"));
            } catch (FileAlreadyExistsException e) {
                if (Files.isRegularFile(copy, NOFOLLOW_LINKS) && Arrays.equals(Files.readAllBytes(copy), content)) {
                    return copy;
                }
                continue;
            }
            try (FileChannel channel = FileChannel.open(copy, WRITE)) {
                writeFully(channel, content);
                disk.force(channel);
            }
            return copy;
        }
    }

    private static Stamp stampOf(Path path) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class, NOFOLLOW_LINKS);
        return new Stamp(attributes.fileKey(), attributes.lastModifiedTime(), attributes.size());
    }

    private static void writeFully(FileChannel channel, byte[] content) throws IOException {
        ByteBuffer left = ByteBuffer.wrap(content);
        while (left.hasRemaining()) {
            channel.write(left);
        }
    }

    /** Makes the names in a folder durable. */
    private void force(@Nullable Path directory) throws IOException {
        if (isPosix && directory != null) {
            try (FileChannel channel = FileChannel.open(directory, READ)) {
                disk.force(channel);
            }
        }
    }

    private FileAttribute<?>[] permissions(String text) {
        return isPosix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text))}
                : new FileAttribute<?>[0];
    }

    private static void certain(Step step) throws UncertainWriteException {
        try {
            step.run();
        } catch (IOException e) {
            throw new UncertainWriteException(e);
        }
    }

    /** Makes what was written to a file or folder durable, as {@link FileChannel#force} does. */
    @FunctionalInterface
    interface Disk {
        void force(FileChannel channel) throws IOException;
    }

    private interface Step {
        void run() throws IOException;
    }

    /** Tells one replacement of the file from the next. */
    record Stamp(@Nullable Object key, FileTime modified, long size) {}

    /** The disk failed at a point after which what it says cannot be relied on. */
    static final class UncertainWriteException extends IOException {

        private static final long serialVersionUID = 1L;

        UncertainWriteException(IOException cause) {
            super(cause);
        }
    }
}
