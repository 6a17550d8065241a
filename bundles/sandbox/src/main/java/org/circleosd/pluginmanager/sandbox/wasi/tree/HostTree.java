package org.circleosd.pluginmanager.sandbox.wasi.tree;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.OptionalLong;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantLock;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/**
 * A folder of the host and what is in it. Entries are opened relative to open folders and never through a link, so that
 * nothing outside is reached, whoever renames or replaces what meanwhile. Thread-safe; what it opens is not.
 *
 * <p>What reads first and changes then is done by one thread of the daemon at a time, for all folders: two grants may
 * overlap.
 */
public final class HostTree {

    private static final ReentrantLock CHANGES = new ReentrantLock(true);

    private final Path root;
    private final boolean readOnly;
    private final Quota quota;
    private final OpenFiles openFiles;

    private HostTree(Path root, boolean readOnly, Quota quota) {
        this.root = root;
        this.readOnly = readOnly;
        this.quota = quota;
        this.openFiles = new OpenFiles(quota);
    }

    /**
     * Makes the tree of a folder. With a quota, what is in the folder is measured: it counts.
     *
     * @param path absolute; links in it are resolved now
     * @param quotaBytes most bytes of all files together, and something for each entry; empty: as many as fit on the disk
     * @throws PluginException {@link ErrorCode#PATH_INVALID} if it is no folder that can be read and guarded
     */
    public static HostTree of(Path path, boolean readOnly, OptionalLong quotaBytes) {
        try {
            Path root = path.toRealPath();
            try (DirectoryStream<Path> stream = Files.newDirectoryStream(root)) {
                if (!(stream instanceof SecureDirectoryStream)) {
                    throw new PluginException(
                            ErrorCode.PATH_INVALID,
                            "the granted folder " + path + " lies on a file system that cannot keep plugins inside it; "
                                    + "grant a folder of a local Linux or macOS disk, or one in memory (no \"path\")");
                }
            }
            if (!readOnly) {
                exclusively(() -> Staging.clean(root));
            }
            long used = quotaBytes.isPresent() ? measure(root) : 0;
            return new HostTree(root, readOnly, new Quota(quotaBytes.orElse(Long.MAX_VALUE), used, WasiErrno.DQUOT));
        } catch (IOException e) {
            throw new PluginException(
                    ErrorCode.PATH_INVALID,
                    "the granted folder " + path
                            + " cannot be opened: expected a folder that the daemon may read, found " + e);
        }
    }

    /** Opens the folder. */
    public TreeFolder open() {
        return openRoot();
    }

    HostFolder openRoot() {
        return HostFolder.open(this, root);
    }

    Path root() {
        return root;
    }

    Quota quota() {
        return quota;
    }

    OpenFiles openFiles() {
        return openFiles;
    }

    void checkWritable() {
        if (readOnly) {
            throw TreeFailure.of(WasiErrno.ROFS);
        }
    }

    /** Runs a change while no other thread of the daemon makes one. */
    static void changing(Change change) {
        try {
            exclusively(change);
        } catch (IOException e) {
            throw HostErrors.failure(e);
        }
    }

    private static void exclusively(Change change) throws IOException {
        try {
            CHANGES.lockInterruptibly();
        } catch (InterruptedException e) {
            throw Interruption.stopped();
        }
        try {
            change.make();
        } finally {
            CHANGES.unlock();
        }
    }

    private static long measure(Path root) throws IOException {
        AtomicLong bytes = new AtomicLong();
        Files.walkFileTree(root, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult preVisitDirectory(Path folder, BasicFileAttributes attributes) {
                bytes.addAndGet(folder.equals(root) ? 0 : Quota.ENTRY);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                bytes.addAndGet(Quota.ENTRY + (attributes.isRegularFile() ? attributes.size() : 0));
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException e) {
                // Removed meanwhile, or a folder that the daemon may not read: no plugin can fill it either.
                return FileVisitResult.CONTINUE;
            }
        });
        return bytes.get();
    }

    /** Something that changes names. */
    @FunctionalInterface
    interface Change {
        void make() throws IOException;
    }
}
