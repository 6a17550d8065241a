package org.circleosd.pluginmanager.host;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.Sha256;

/**
 * The host's own copies of plugin files, named by their SHA-256. What is loaded is the copy, so that nobody changes it
 * between the check and the use, and a file that is overwritten while it runs hurts nothing.
 *
 * <p>An image is kept while anybody holds it: each successful {@link #take} and {@link #hold} needs one {@link #drop}.
 */
final class ImageStore {

    private static final System.Logger LOG = System.getLogger(ImageStore.class.getName());
    private static final int BUFFER_BYTES = 64 << 10;

    private final Path dir;
    private final long maxBytes;
    private final List<Path> roots;
    /** How many hold each image; guarded by this. */
    private final Map<Sha256, Integer> holders = new HashMap<>();
    /** Those that a state may name although it could not be written; guarded by this. */
    private final List<PluginImage> doubtful = new ArrayList<>();

    /**
     * Opens a store.
     *
     * @param dir made with mode 0700 if it is missing
     * @param maxBytes largest plugin file that is taken
     * @param roots folders that plugin files must lie in, after following links; empty: anywhere
     */
    ImageStore(Path dir, long maxBytes, List<Path> roots) throws IOException {
        this.dir = dir;
        this.maxBytes = maxBytes;
        this.roots = roots;
        PrivateFiles.createDirectories(dir);
    }

    /**
     * Copies a plugin file into the store and holds the copy.
     *
     * @param path absolute
     * @throws PluginException {@link ErrorCode#PATH_INVALID} or {@link ErrorCode#TOO_LARGE}
     */
    PluginImage take(Path path) {
        if (checkedSize(path) > maxBytes) {
            throw tooLarge(path);
        }
        return adopted(path, temp -> copy(path, temp));
    }

    /**
     * Puts a module that came inside another file into the store and holds it.
     *
     * @param origin absolute path of that file, for messages
     * @throws PluginException {@link ErrorCode#PATH_INVALID} or {@link ErrorCode#TOO_LARGE}
     */
    PluginImage take(byte[] bytes, Path origin) {
        if (bytes.length > maxBytes) {
            throw tooLarge(origin);
        }
        return adopted(origin, temp -> {
            try (FileChannel out = FileChannel.open(temp, StandardOpenOption.WRITE)) {
                ByteBuffer buffer = ByteBuffer.wrap(bytes);
                while (buffer.hasRemaining()) {
                    out.write(buffer);
                }
                out.force(true);
            }
            return Sha256.of(bytes);
        });
    }

    private PluginImage adopted(Path origin, Copy copy) {
        try {
            Path temp = Files.createTempFile(dir, "new-", ".tmp");
            try {
                return adopt(temp, copy.to(temp), origin);
            } finally {
                Files.deleteIfExists(temp);
            }
        } catch (AccessDeniedException e) {
            throw new PluginException(ErrorCode.PATH_INVALID, origin + " cannot be read: permission denied");
        } catch (IOException e) {
            throw new PluginException(
                    ErrorCode.PATH_INVALID, origin + " cannot be copied into " + dir + ": " + e.getMessage());
        }
    }

    /**
     * Holds an image that is in the store.
     *
     * @throws PluginException {@link ErrorCode#STATE_CORRUPT} if it is not
     */
    synchronized PluginImage hold(Sha256 sha256, Path origin) {
        Path file = dir.resolve(sha256.hex());
        try {
            PluginImage image = new PluginImage(sha256, file, Files.size(file), origin);
            holders.merge(sha256, 1, Integer::sum);
            return image;
        } catch (IOException e) {
            throw new PluginException(
                    ErrorCode.STATE_CORRUPT,
                    "the copy of " + origin + " is missing from the store (" + file + "); load the plugin again");
        }
    }

    /** Lets an image and those linked with it go; the last holder deletes them. */
    synchronized void drop(PluginImage image) {
        image.linked().values().forEach(this::drop);
        Integer left = holders.computeIfPresent(image.sha256(), (sha256, count) -> count == 1 ? null : count - 1);
        if (left == null) {
            delete(image.file());
        }
    }

    /**
     * Lets an image go whose record could not be kept. A state that failed while it was written may name it all the same:
     * then the image stays until {@link #settle}.
     */
    void giveUp(PluginImage image, RuntimeException why) {
        boolean isCertain = why instanceof PluginException refused
                && refused.code() != ErrorCode.STATE_READ_ONLY
                && refused.code() != ErrorCode.STATE_CORRUPT
                && refused.code() != ErrorCode.INTERNAL;
        if (isCertain) {
            drop(image);
        } else {
            synchronized (this) {
                doubtful.add(image);
            }
        }
    }

    /** Lets those go that were in doubt: the state was written, so it is certain what it names. */
    synchronized void settle() {
        doubtful.forEach(this::drop);
        doubtful.clear();
    }

    /** Deletes what nobody holds: left over by a process that ended without unloading. */
    synchronized void sweep() throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(dir)) {
            for (Path file : files) {
                String name = file.getFileName().toString();
                boolean held = holders.keySet().stream()
                        .anyMatch(sha256 -> sha256.hex().equals(name));
                if (!held) {
                    delete(file);
                }
            }
        }
    }

    private long checkedSize(Path path) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(path, BasicFileAttributes.class);
            // Before it is opened: opening a FIFO would wait for a writer.
            if (!attributes.isRegularFile()) {
                throw new PluginException(
                        ErrorCode.PATH_INVALID,
                        path + " is " + (attributes.isDirectory() ? "a directory" : "no regular file")
                                + "; expected a plugin file");
            }
            if (!roots.isEmpty()) {
                Path real = path.toRealPath();
                if (roots.stream().noneMatch(root -> real.startsWith(realRoot(root)))) {
                    throw new PluginException(
                            ErrorCode.PATH_INVALID,
                            path + " lies outside the folders that plugins may come from; plugin.roots in the host's"
                                    + " .cfg file names them");
                }
            }
            return attributes.size();
        } catch (NoSuchFileException e) {
            throw new PluginException(ErrorCode.PATH_INVALID, path + " does not exist");
        } catch (AccessDeniedException e) {
            throw new PluginException(ErrorCode.PATH_INVALID, path + " cannot be read: permission denied");
        } catch (IOException e) {
            throw new PluginException(ErrorCode.PATH_INVALID, path + " cannot be read: " + e.getMessage());
        }
    }

    /** A root that does not exist holds nothing, so its name as given is as good as any. */
    private static Path realRoot(Path root) {
        try {
            return root.toRealPath();
        } catch (IOException e) {
            return root;
        }
    }

    private Sha256 copy(Path from, Path to) throws IOException {
        MessageDigest digest = sha256Digest();
        ByteBuffer buffer = ByteBuffer.allocate(BUFFER_BYTES);
        long total = 0;
        try (FileChannel in = FileChannel.open(from, StandardOpenOption.READ);
                FileChannel out = FileChannel.open(to, StandardOpenOption.WRITE)) {
            while (in.read(buffer) >= 0) {
                buffer.flip();
                total += buffer.remaining();
                if (total > maxBytes) {
                    throw tooLarge(from);
                }
                digest.update(buffer.duplicate());
                while (buffer.hasRemaining()) {
                    out.write(buffer);
                }
                buffer.clear();
            }
            out.force(true);
        }
        return new Sha256(HexFormat.of().formatHex(digest.digest()));
    }

    private synchronized PluginImage adopt(Path temp, Sha256 sha256, Path origin) throws IOException {
        Path file = dir.resolve(sha256.hex());
        if (!holders.containsKey(sha256)) {
            if (Files.exists(file)) {
                // Was not swept, so a state that cannot be read now may name it: the last drop must not delete it.
                holders.put(sha256, 1);
            }
            // Replaces a copy of an earlier process too: that one may be damaged, this one was just hashed.
            if (Files.getFileAttributeView(temp, PosixFileAttributeView.class) != null) {
                Files.setPosixFilePermissions(temp, PosixFilePermissions.fromString("r--------"));
            }
            Files.move(temp, file, StandardCopyOption.ATOMIC_MOVE);
            PrivateFiles.force(dir);
        }
        return hold(sha256, origin);
    }

    private PluginException tooLarge(Path path) {
        return new PluginException(
                ErrorCode.TOO_LARGE, path + " is larger than the " + maxBytes + " bytes that a plugin file may have");
    }

    private static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "{0} cannot be deleted: {1}", file, e);
        }
    }

    private static MessageDigest sha256Digest() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** Fills a new file and says what is in it. */
    @FunctionalInterface
    private interface Copy {
        Sha256 to(Path temp) throws IOException;
    }
}
