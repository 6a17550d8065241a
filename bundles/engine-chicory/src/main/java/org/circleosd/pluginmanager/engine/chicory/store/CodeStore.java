package org.circleosd.pluginmanager.engine.chicory.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.LinkOption.NOFOLLOW_LINKS;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.Sha256;

/**
 * Keeps compiled modules in a folder. It is a cache: what cannot be read or trusted is as if it were not there, and what
 * cannot be written is not kept. Several engines and daemons can use the same folder at once. Thread-safe.
 */
public final class CodeStore {

    /** Ends the names of files and folders that belong to work under way; old ones are removed. */
    public static final String UNFINISHED = ".new";

    private static final Logger LOG = System.getLogger(CodeStore.class.getName());

    private static final String ENTRY = ".aot";
    /** Most entries: a folder with very many, as of small refused files, would make each look at it slow. */
    private static final int MAX_ENTRIES = 10_000;

    /** Longer than any compilation may take, so what is older was left behind by a crash. */
    private static final Duration ABANDONED = Duration.ofHours(1);

    private record Entry(Path file, long bytes, FileTime lastUsed) {}

    private final Path folder;
    private final long maxBytes;
    private final String environment;
    private final String suffix;
    private final EntryFile format;
    private final AtomicBoolean complained = new AtomicBoolean();

    private CodeStore(Path folder, long maxBytes, String environment, EntryFile format) {
        this.folder = folder;
        this.maxBytes = maxBytes;
        this.environment = environment;
        this.format = format;
        suffix = "-" + Sha256.of(environment.getBytes(UTF_8)).hex().substring(0, 16) + ENTRY;
    }

    /**
     * Opens the folder, or makes it for its owner only.
     *
     * @param keyFile holds the secret by which entries are recognized; made if it is missing
     * @param maxBytes that all entries may take; what was used longest ago goes first
     * @param environment what compiled code depends on besides the module
     * @return empty, after a warning, if the folder or the key cannot be used
     */
    public static Optional<CodeStore> open(Path folder, Path keyFile, long maxBytes, String environment) {
        try {
            if (!Files.isDirectory(folder)) {
                Files.createDirectories(
                        folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            CodeStore store = new CodeStore(folder, maxBytes, environment, new EntryFile(Seal.of(keyFile)));
            store.makeRoom();
            return Optional.of(store);
        } catch (IOException | UnsupportedOperationException e) {
            LOG.log(
                    Level.WARNING,
                    "compiled plugins are not kept, each load compiles anew: {0} with the key {1} cannot be used: {2}",
                    folder,
                    keyFile,
                    e);
            return Optional.empty();
        }
    }

    /**
     * Finds what the compilation of a module ended with.
     *
     * @return empty if there is nothing, or nothing that can be trusted
     * @throws PluginException if it ended with a refusal
     */
    public Optional<CodeImage> find(Sha256 module) {
        Path file = file(module);
        try {
            CodeImage found = format.read(file, key(module));
            touch(file);
            return Optional.of(found);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        } catch (DamagedEntryException e) {
            LOG.log(
                    Level.WARNING,
                    "the compiled code in {0} is not used, the plugin is compiled anew: {1}",
                    file,
                    e.getMessage());
            remove(module);
            return Optional.empty();
        } catch (IOException e) {
            complain("read", e);
            return Optional.empty();
        }
    }

    /** Marks as used; a folder that cannot be written is still good for reading. */
    private static void touch(Path file) {
        try {
            Files.setLastModifiedTime(file, FileTime.from(Instant.now()));
        } catch (IOException e) {
            LOG.log(Level.DEBUG, "cannot mark an entry as used", e);
        }
    }

    /**
     * Keeps a compiled module.
     *
     * @return the image whose classes lie in the folder; empty if it could not be kept
     */
    public Optional<CodeImage> keep(Sha256 module, CodeImage image) {
        return write(module, file -> format.write(file, key(module), image)) ? find(module) : Optional.empty();
    }

    /** Keeps the reason why a module cannot be compiled. */
    public void keep(Sha256 module, PluginException refusal) {
        write(module, file -> format.write(file, key(module), refusal));
    }

    private interface Writing {
        void to(Path file) throws IOException;
    }

    /** Without flushing to disk: what a power cut leaves unwritten is found when it is read. */
    private boolean write(Sha256 module, Writing writing) {
        try {
            Path unfinished = Files.createTempFile(folder, "", UNFINISHED);
            try {
                writing.to(unfinished);
                if (Files.size(unfinished) > maxBytes) {
                    LOG.log(Level.DEBUG, "module {0} takes more than the whole store", module);
                    return false;
                }
                Files.move(unfinished, file(module), ATOMIC_MOVE);
            } finally {
                Files.deleteIfExists(unfinished);
            }
            makeRoom();
            complained.set(false);
            return true;
        } catch (IOException e) {
            complain("written", e);
            return false;
        }
    }

    /** Forgets a module. */
    public void remove(Sha256 module) {
        try {
            Files.deleteIfExists(file(module));
        } catch (IOException e) {
            complain("written", e);
        }
    }

    private void complain(String what, IOException e) {
        if (!complained.getAndSet(true)) {
            LOG.log(
                    Level.WARNING,
                    "the store of compiled plugins cannot be {0}, plugins are compiled at each load: {1}",
                    what,
                    e);
        }
    }

    private Path file(Sha256 module) {
        return folder.resolve(module.hex() + suffix);
    }

    private String key(Sha256 module) {
        return module.hex() + " " + environment;
    }

    /** Removes what a crash left, and what was used longest ago until the rest is within the bound. */
    private void makeRoom() throws IOException {
        List<Entry> entries = entries();
        entries.sort(Comparator.comparing(Entry::lastUsed));
        long total = entries.stream().mapToLong(Entry::bytes).sum();
        int left = entries.size();
        for (Entry oldest : entries) {
            if (total <= maxBytes && left <= MAX_ENTRIES) {
                break;
            }
            Files.deleteIfExists(oldest.file);
            total -= oldest.bytes;
            left--;
        }
    }

    private List<Entry> entries() throws IOException {
        List<Entry> entries = new ArrayList<>();
        FileTime abandoned = FileTime.from(Instant.now().minus(ABANDONED));
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder)) {
            for (Path file : files) {
                Optional<Entry> entry = entry(file);
                String name = file.getFileName().toString();
                if (entry.isPresent() && name.endsWith(ENTRY)) {
                    entries.add(entry.get());
                } else if (entry.isPresent()
                        && name.endsWith(UNFINISHED)
                        && entry.get().lastUsed.compareTo(abandoned) < 0) {
                    FileTree.delete(file);
                }
            }
        }
        return entries;
    }

    private static Optional<Entry> entry(Path file) throws IOException {
        try {
            BasicFileAttributes found = Files.readAttributes(file, BasicFileAttributes.class, NOFOLLOW_LINKS);
            return Optional.of(new Entry(file, found.size(), found.lastModifiedTime()));
        } catch (NoSuchFileException e) {
            return Optional.empty(); // another daemon made room
        }
    }
}
