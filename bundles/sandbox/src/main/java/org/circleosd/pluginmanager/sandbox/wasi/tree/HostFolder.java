package org.circleosd.pluginmanager.sandbox.wasi.tree;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.OpenOption;
import java.nio.file.Path;
import java.nio.file.SecureDirectoryStream;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** An open folder of the host: opens, lists and describes what is in it. {@link HostChanges} changes names and times. */
final class HostFolder implements TreeFolder {

    private static final Path SELF = Path.of(".");
    /** An entry that changes its kind at each try is changed by someone who means it. */
    private static final int TRIES = 3;

    private final HostTree tree;
    /** Where it was when it was opened: believed only where a mistake does not matter or is found out. */
    private final Path where;

    private final SecureDirectoryStream<Path> stream;
    private final HostChanges changes;

    private HostFolder(HostTree tree, Path where, SecureDirectoryStream<Path> stream) {
        this.tree = tree;
        this.where = where;
        this.stream = stream;
        this.changes = new HostChanges(this);
    }

    /** Opens the root of a tree. */
    @SuppressWarnings("StreamResourceLeak") // It is closed with the folder.
    static HostFolder open(HostTree tree, Path root) {
        try {
            return new HostFolder(tree, root, secure(Files.newDirectoryStream(root)));
        } catch (IOException e) {
            throw HostErrors.failure(e);
        }
    }

    @Override
    public HostFolder openFolder(String name) {
        Path entry = entry(name);
        FileType type = type(entry);
        if (type != FileType.FOLDER) {
            throw TreeFailure.of(type == FileType.LINK ? WasiErrno.LOOP : WasiErrno.NOTDIR);
        }
        return open(entry, where.resolve(name));
    }

    @Override
    public TreeFolder openSelf() {
        return open(SELF, where);
    }

    @Override
    public TreeFile openFile(String name, Access access) {
        if (access.writes()) {
            tree.checkWritable();
        }
        Path entry = entry(name);
        for (int i = 0; i < TRIES; i++) {
            BasicFileAttributes before = attributes(entry);
            checkFile(HostAttributes.type(before));
            FileChannel channel = channel(entry, access, Set.of());
            HostFile file = adopt(channel, entry, access, before.fileKey());
            if (file != null) {
                return file;
            }
        }
        throw TreeFailure.of(WasiErrno.BUSY);
    }

    @Override
    public TreeFile createFile(String name, Access access) {
        tree.checkWritable();
        Path entry = entry(name);
        tree.quota().take(Quota.ENTRY);
        boolean made = false;
        try {
            // Java creates only what it opens for writing; the file refuses to write if that was not asked for.
            FileChannel channel = channel(entry, Access.READ_WRITE, Set.of(StandardOpenOption.CREATE_NEW));
            HostFile file = adopt(channel, entry, access, null);
            made = true;
            return Objects.requireNonNull(file);
        } finally {
            if (!made) {
                tree.quota().give(Quota.ENTRY);
            }
        }
    }

    @Override
    public @Nullable FileStat find(String name) {
        BasicFileAttributes found = findAttributes(entry(name));
        return found == null ? null : HostAttributes.stat(found, where.resolve(name));
    }

    @Override
    public FileStat stat() {
        try {
            return HostAttributes.stat(
                    stream.getFileAttributeView(BasicFileAttributeView.class).readAttributes(), where);
        } catch (IOException e) {
            throw HostErrors.failure(e);
        }
    }

    /**
     * Reads a link by its path, for an open folder does not tell. What is read is believed if the path leads to the link
     * before and after. No guest renames a folder meanwhile.
     */
    @Override
    public String readLink(String name) {
        Path entry = entry(name);
        String[] text = {""};
        HostTree.changing(() -> {
            Object key = attributes(entry).fileKey();
            Path path = where.resolve(name);
            checkSame(key, path);
            text[0] = Files.readSymbolicLink(path).toString();
            checkSame(key, path);
        });
        return text[0];
    }

    @Override
    public void createFolder(String name) {
        changes.createFolder(name);
    }

    @Override
    public void createLink(String name, String text) {
        changes.createLink(name, text);
    }

    @Override
    public void link(String name, TreeFolder to, String newName) {
        changes.link(name, to, newName);
    }

    @Override
    public void rename(String name, TreeFolder to, String newName) {
        changes.rename(name, to, newName);
    }

    @Override
    public void removeFolder(String name) {
        changes.removeFolder(name);
    }

    @Override
    public void removeFile(String name) {
        changes.removeFile(name);
    }

    @Override
    public void setTimes(NewTimes times) {
        changes.setTimes(times);
    }

    @Override
    public void setTimes(String name, NewTimes times) {
        changes.setTimes(name, null, times);
    }

    @Override
    public List<String> names(int limit) {
        List<String> names = new ArrayList<>();
        try (DirectoryStream<Path> entries = stream.newDirectoryStream(SELF, LinkOption.NOFOLLOW_LINKS)) {
            for (Path entry : entries) {
                Interruption.stopIfInterrupted();
                String name = String.valueOf(entry.getFileName());
                if (Staging.isReserved(name)) {
                    continue;
                }
                if (names.size() == limit) {
                    throw TreeFailure.of(WasiErrno.OVERFLOW);
                }
                names.add(name);
            }
        } catch (DirectoryIteratorException e) {
            throw TreeFailure.of(WasiErrno.IO);
        } catch (IOException e) {
            throw HostErrors.failure(e);
        }
        Collections.sort(names);
        return names;
    }

    @Override
    public void close() {
        try {
            stream.close();
        } catch (IOException e) {
            throw HostErrors.failure(e);
        }
    }

    HostChanges changes() {
        return changes;
    }

    HostTree tree() {
        return tree;
    }

    Path where() {
        return where;
    }

    SecureDirectoryStream<Path> stream() {
        return stream;
    }

    BasicFileAttributes attributes(Path entry) {
        BasicFileAttributes found = findAttributes(entry);
        if (found == null) {
            throw TreeFailure.of(WasiErrno.NOENT);
        }
        return found;
    }

    /** Turns a guest's name into an entry; those that {@link Staging} uses are nobody else's. */
    static Path entry(String name) {
        if (Staging.isReserved(name)) {
            throw TreeFailure.of(WasiErrno.PERM);
        }
        return path(name);
    }

    static Path path(String text) {
        try {
            return Path.of(text);
        } catch (InvalidPathException e) {
            // The daemon's locale does not have these characters.
            throw TreeFailure.of(WasiErrno.ILSEQ);
        }
    }

    BasicFileAttributeView view(Path entry) {
        return stream.getFileAttributeView(entry, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS);
    }

    @Nullable
    BasicFileAttributes findAttributes(Path entry) {
        try {
            return view(entry).readAttributes();
        } catch (NoSuchFileException e) {
            return null;
        } catch (IOException e) {
            throw HostErrors.failure(e);
        }
    }

    FileType type(Path entry) {
        return HostAttributes.type(attributes(entry));
    }

    private HostFolder open(Path entry, Path path) {
        try {
            return new HostFolder(tree, path, secure(stream.newDirectoryStream(entry, LinkOption.NOFOLLOW_LINKS)));
        } catch (IOException e) {
            throw HostErrors.failure(e);
        }
    }

    private FileChannel channel(Path entry, Access access, Set<OpenOption> more) {
        Set<OpenOption> options = new HashSet<>(more);
        options.add(LinkOption.NOFOLLOW_LINKS);
        if (access != Access.WRITE) {
            options.add(StandardOpenOption.READ);
        }
        if (access.writes()) {
            options.add(StandardOpenOption.WRITE);
        }
        try {
            return (FileChannel) stream.newByteChannel(entry, options);
        } catch (IOException e) {
            throw HostErrors.failure(e);
        }
    }

    /** Makes a file of an open channel; null, and closes it, if the name stands for another entry now than it did. */
    private @Nullable HostFile adopt(FileChannel channel, Path entry, Access access, @Nullable Object expected) {
        boolean adopted = false;
        try {
            BasicFileAttributes now = attributes(entry);
            if (expected != null && !expected.equals(now.fileKey())) {
                return null;
            }
            HostFile file = new HostFile(
                    tree,
                    where.resolve(entry),
                    channel,
                    access,
                    now.fileKey(),
                    HostAttributes.stat(now, where.resolve(entry)));
            adopted = true;
            return file;
        } finally {
            if (!adopted) {
                HostFile.close(channel);
            }
        }
    }

    private static void checkFile(FileType type) {
        switch (type) {
            case FILE -> {}
            case LINK -> throw TreeFailure.of(WasiErrno.LOOP);
            case FOLDER -> throw TreeFailure.of(WasiErrno.ISDIR);
            // To open a pipe could wait for ever, and a device may do anything.
            case OTHER -> throw TreeFailure.of(WasiErrno.ACCES);
        }
    }

    private static void checkSame(@Nullable Object key, Path path) throws IOException {
        Object there = Files.readAttributes(path, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                .fileKey();
        if (key == null || !key.equals(there)) {
            throw TreeFailure.of(WasiErrno.IO);
        }
    }

    private static SecureDirectoryStream<Path> secure(DirectoryStream<Path> stream) {
        return (SecureDirectoryStream<Path>) stream;
    }
}
