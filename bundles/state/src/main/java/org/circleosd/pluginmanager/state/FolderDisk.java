package org.circleosd.pluginmanager.state;

import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Objects;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A folder of the file system. */
final class FolderDisk implements Disk {

    private static final String LOCK = "store.lock";

    private final Path folder;
    private final boolean isPosix;

    FolderDisk(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
        isPosix = folder.getFileSystem().supportedFileAttributeViews().contains("posix");
    }

    @Override
    public String identity() {
        return "org.circleosd.pluginmanager.state in " + folder;
    }

    @Override
    public void prepare() throws IOException {
        if (!Files.isDirectory(folder)) {
            Files.createDirectories(folder, permissions("rwx------"));
            Path parent = folder.getParent();
            if (parent != null) {
                force(parent);
            }
        }
    }

    @Override
    public Closeable lock() throws IOException {
        FileChannel channel =
                FileChannel.open(folder.resolve(LOCK), Set.of(CREATE, READ, WRITE), permissions("rw-------"));
        try {
            if (channel.tryLock() == null) {
                throw new IOException("another process uses the folder " + folder);
            }
            return channel;
        } catch (OverlappingFileLockException e) {
            channel.close();
            throw new IOException("something else in this process uses the folder " + folder, e);
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    @Override
    public SortedSet<String> names() throws IOException {
        SortedSet<String> names = new TreeSet<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                names.add(file.getFileName().toString());
            }
        }
        return names;
    }

    @Override
    public DiskFile create(String name) throws IOException {
        Path file = folder.resolve(name);
        return open(file, Set.of(CREATE_NEW, READ, WRITE), permissions("rw-------"));
    }

    @Override
    public DiskFile open(String name) throws IOException {
        Path file = folder.resolve(name);
        // A pipe in its place would block, and a link leads elsewhere.
        if (!Files.isRegularFile(file, NOFOLLOW_LINKS)) {
            throw new IOException(file + " is no regular file");
        }
        return open(file, Set.of(READ, WRITE, NOFOLLOW_LINKS));
    }

    @Override
    public boolean isNamed(DiskFile file, String name) throws IOException {
        try {
            return Objects.equals(((OpenFile) file).key, key(folder.resolve(name)));
        } catch (NoSuchFileException e) {
            return false;
        }
    }

    @Override
    public void move(String from, String to) throws IOException {
        Files.move(folder.resolve(from), folder.resolve(to), ATOMIC_MOVE);
    }

    @Override
    public void delete(String name) throws IOException {
        Files.deleteIfExists(folder.resolve(name));
    }

    @Override
    public void force() throws IOException {
        force(folder);
    }

    @Override
    public boolean isFull(IOException failure, long bytes) {
        String message = String.valueOf(failure.getMessage());
        if (message.contains("No space left on device") || message.contains("Disk quota exceeded")) {
            return true;
        }
        try {
            // The system may speak another language.
            return Files.getFileStore(folder).getUsableSpace() < bytes;
        } catch (IOException e) {
            failure.addSuppressed(e);
            return false;
        }
    }

    @Override
    public String path(String name) {
        return folder.resolve(name).toString();
    }

    private static OpenFile open(Path file, Set<OpenOption> options, FileAttribute<?>... attributes)
            throws IOException {
        FileChannel channel = FileChannel.open(file, options, attributes);
        try {
            return new OpenFile(channel, key(file));
        } catch (IOException e) {
            channel.close();
            throw e;
        }
    }

    /** Tells one file from another that has its name later; null where the system has no such thing. */
    private static @Nullable Object key(Path file) throws IOException {
        return Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS)
                .fileKey();
    }

    private void force(Path directory) throws IOException {
        if (isPosix) {
            try (FileChannel channel = FileChannel.open(directory, READ)) {
                channel.force(true);
            }
        }
    }

    private FileAttribute<?>[] permissions(String text) {
        return isPosix
                ? new FileAttribute<?>[] {PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(text))}
                : new FileAttribute<?>[0];
    }

    private record OpenFile(FileChannel channel, @Nullable Object key) implements DiskFile {

        /** The JDK keeps a direct buffer of the size of each thread's largest write. */
        private static final int PIECE_BYTES = 256 << 10;

        @Override
        public long size() throws IOException {
            return channel.size();
        }

        @Override
        public int read(ByteBuffer target, long at) throws IOException {
            return channel.read(target, at);
        }

        @Override
        public void write(ByteBuffer content, long at) throws IOException {
            int end = content.limit();
            long position = at;
            while (content.position() < end) {
                content.limit(Math.min(end, content.position() + PIECE_BYTES));
                position += channel.write(content, position);
            }
        }

        @Override
        public void truncate(long size) throws IOException {
            channel.truncate(size);
        }

        @Override
        public void force() throws IOException {
            // Without the time of change, which nobody reads; the size is made durable.
            channel.force(false);
        }

        @Override
        public void close() throws IOException {
            channel.close();
        }
    }
}
