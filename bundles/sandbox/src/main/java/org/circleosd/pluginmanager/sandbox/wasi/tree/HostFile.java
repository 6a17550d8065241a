package org.circleosd.pluginmanager.sandbox.wasi.tree;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.locks.ReentrantLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** An open file of the host. */
final class HostFile implements TreeFile {

    /** Whoever makes a file longer holds the lock of its key: two guests append to one file without losing anything. */
    private static final List<ReentrantLock> GROWING =
            Stream.generate(ReentrantLock::new).limit(64).toList();

    private static final byte[] ZERO = {0};

    private final HostTree tree;
    private final Path where;
    private final FileChannel channel;
    private final TreeFolder.Access access;
    private final Object key;
    private final ReentrantLock growing;
    private FileStat known;

    /**
     * Takes over an open channel.
     *
     * @param where it was when it was opened
     * @param key what identifies it
     */
    HostFile(
            HostTree tree,
            Path where,
            FileChannel channel,
            TreeFolder.Access access,
            @Nullable Object key,
            FileStat known) {
        this.tree = tree;
        this.where = where;
        this.channel = channel;
        this.access = access;
        this.key = Objects.requireNonNull(key, "file systems of SecureDirectoryStream have keys");
        this.growing = GROWING.get(Math.floorMod(this.key.hashCode(), GROWING.size()));
        this.known = known;
        tree.openFiles().opened(this.key);
    }

    @Override
    public int read(byte[] into, int length, long position) {
        try {
            return Math.max(0, channel.read(ByteBuffer.wrap(into, 0, length), position));
        } catch (IOException e) {
            throw HostErrors.failure(e);
        }
    }

    @Override
    public void write(byte[] from, int length, long position) {
        growing(() -> put(from, length, position));
    }

    @Override
    public long append(byte[] from, int length) {
        long[] end = {0};
        growing(() -> {
            put(from, length, channel.size());
            end[0] = channel.size();
        });
        return end[0];
    }

    @Override
    public long size() {
        try {
            return channel.size();
        } catch (IOException e) {
            throw HostErrors.failure(e);
        }
    }

    @Override
    public void resize(long size) {
        growing(() -> {
            long before = channel.size();
            if (size > before) {
                put(ZERO, 1, size - 1);
            } else if (size < before) {
                channel.truncate(size);
                tree.quota().give(before - size);
            }
        });
    }

    /** Describes the file by the path where it was opened; if it is not there any more, as it was when last seen. */
    @Override
    public FileStat stat() {
        try {
            BasicFileAttributes there =
                    Files.readAttributes(where, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS);
            if (key.equals(there.fileKey())) {
                known = HostAttributes.stat(there, where);
                return known;
            }
        } catch (IOException e) {
            // Renamed or removed: the open channel still knows the size.
        }
        return known.withSize(size());
    }

    @Override
    public void setTimes(NewTimes times) {
        tree.checkWritable();
        String path = tree.root().relativize(where).toString();
        try (HostFolder root = tree.openRoot();
                PathWalk.Place place = PathWalk.find(root, path, false)) {
            ((HostFolder) place.folder()).changes().setTimes(place.name(), key, times);
        }
    }

    @Override
    public void sync(boolean metadata) {
        try {
            channel.force(metadata);
        } catch (IOException e) {
            throw HostErrors.failure(e);
        }
    }

    @Override
    public void close() {
        long size = known.size();
        try {
            size = channel.isOpen() ? channel.size() : size;
        } catch (IOException e) {
            // The call's time is up, which closes the channel: the size as last seen is near enough.
            size = known.size();
        } finally {
            tree.openFiles().closed(key, size);
            close(channel);
        }
    }

    static void close(FileChannel channel) {
        try {
            channel.close();
        } catch (IOException e) {
            throw HostErrors.failure(e);
        }
    }

    private void growing(HostTree.Change change) {
        if (!access.writes()) {
            throw TreeFailure.of(WasiErrno.BADF);
        }
        try {
            growing.lockInterruptibly();
        } catch (InterruptedException e) {
            throw Interruption.stopped();
        }
        try {
            change.make();
        } catch (IOException e) {
            throw HostErrors.failure(e);
        } finally {
            growing.unlock();
        }
    }

    /** Writes bytes and counts by how much the file grows. */
    private void put(byte[] from, int length, long position) throws IOException {
        if (position > Long.MAX_VALUE - length) {
            throw TreeFailure.of(WasiErrno.FBIG);
        }
        long before = channel.size();
        long growth = Math.max(0, position + length - before);
        tree.quota().take(growth);
        boolean done = false;
        try {
            ByteBuffer bytes = ByteBuffer.wrap(from, 0, length);
            for (long at = position; bytes.hasRemaining(); at = position + bytes.position()) {
                channel.write(bytes, at);
            }
            done = true;
        } finally {
            if (!done) {
                long real = channel.isOpen() ? Math.max(0, channel.size() - before) : growth;
                tree.quota().give(Math.max(0, growth - real));
            }
        }
    }
}
