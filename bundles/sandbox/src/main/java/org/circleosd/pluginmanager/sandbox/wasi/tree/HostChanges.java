package org.circleosd.pluginmanager.sandbox.wasi.tree;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Changes the names and times in an open folder of the host, one change of the daemon at a time. */
final class HostChanges {

    private final HostTree tree;
    private final HostFolder folder;

    HostChanges(HostFolder folder) {
        this.tree = folder.tree();
        this.folder = folder;
    }

    void createFolder(String name) {
        make(name, Files::createDirectory);
    }

    void createLink(String name, String text) {
        Path target = HostFolder.path(text);
        make(name, staged -> Files.createSymbolicLink(staged, target));
    }

    void link(String name, TreeFolder to, String newName) {
        tree.checkWritable();
        HostFolder target = sameTree(to);
        Path entry = HostFolder.entry(name);
        HostTree.changing(() -> {
            BasicFileAttributes attributes = folder.attributes(entry);
            FileType type = HostAttributes.type(attributes);
            if (type != FileType.FILE && type != FileType.LINK) {
                throw TreeFailure.of(WasiErrno.PERM);
            }
            checkFree(target, newName);
            counted(() -> Staging.make(
                    tree,
                    staged -> Files.createLink(staged, folder.where().resolve(name)),
                    attributes.fileKey(),
                    target,
                    newName));
        });
    }

    void rename(String name, TreeFolder to, String newName) {
        tree.checkWritable();
        HostFolder target = sameTree(to);
        Path entry = HostFolder.entry(name);
        Path newEntry = HostFolder.entry(newName);
        HostTree.changing(() -> {
            BasicFileAttributes moved = folder.attributes(entry);
            BasicFileAttributes replaced = target.findAttributes(newEntry);
            if (replaced != null && Objects.equals(replaced.fileKey(), moved.fileKey())) {
                return;
            }
            Renaming.check(HostAttributes.type(moved), replaced == null ? null : HostAttributes.type(replaced));
            FileStat lost = replaced == null
                    ? null
                    : HostAttributes.stat(replaced, target.where().resolve(newName));
            folder.stream().move(entry, target.stream(), newEntry);
            if (replaced != null && lost != null) {
                tree.openFiles().removed(replaced.fileKey(), lost);
            }
        });
    }

    void removeFolder(String name) {
        tree.checkWritable();
        Path entry = HostFolder.entry(name);
        HostTree.changing(() -> {
            if (folder.type(entry) != FileType.FOLDER) {
                throw TreeFailure.of(WasiErrno.NOTDIR);
            }
            folder.stream().deleteDirectory(entry);
            tree.quota().give(Quota.ENTRY);
        });
    }

    void removeFile(String name) {
        tree.checkWritable();
        Path entry = HostFolder.entry(name);
        HostTree.changing(() -> {
            BasicFileAttributes attributes = folder.attributes(entry);
            if (attributes.isDirectory()) {
                throw TreeFailure.of(WasiErrno.ISDIR);
            }
            FileStat lost = HostAttributes.stat(attributes, folder.where().resolve(name));
            folder.stream().deleteFile(entry);
            tree.openFiles().removed(attributes.fileKey(), lost);
        });
    }

    /** Sets the times of the folder itself. */
    void setTimes(NewTimes times) {
        tree.checkWritable();
        HostTree.changing(() -> {
            BasicFileAttributeView view = folder.stream().getFileAttributeView(BasicFileAttributeView.class);
            HostTimes.set(view, HostTimes.both(view.readAttributes(), times));
        });
    }

    /**
     * Sets the times of an entry.
     *
     * @param key what identifies the entry; null if it may be any
     */
    void setTimes(String name, @Nullable Object key, NewTimes times) {
        tree.checkWritable();
        Path entry = HostFolder.entry(name);
        HostTree.changing(() -> {
            BasicFileAttributes attributes = folder.attributes(entry);
            if (key != null && !key.equals(attributes.fileKey())) {
                throw TreeFailure.of(WasiErrno.NOENT);
            }
            FileType type = HostAttributes.type(attributes);
            if (type == FileType.OTHER) {
                // To open it, as setting its times does, could wait for ever.
                throw TreeFailure.of(WasiErrno.ACCES);
            }
            NewTimes both = HostTimes.both(attributes, times);
            boolean done = type != FileType.LINK && HostTimes.set(folder.view(entry), both);
            if (!done && type != FileType.FOLDER) {
                HostTimes.setStaged(folder, name, attributes.fileKey(), both);
            }
        });
    }

    private void make(String name, Staging.Making making) {
        tree.checkWritable();
        HostFolder.entry(name);
        HostTree.changing(() -> {
            checkFree(folder, name);
            counted(() -> Staging.make(tree, making, null, folder, name));
        });
    }

    private static void checkFree(HostFolder folder, String name) {
        if (folder.findAttributes(HostFolder.entry(name)) != null) {
            throw TreeFailure.of(WasiErrno.EXIST);
        }
    }

    /** Makes an entry, which counts if it was made. */
    private void counted(HostTree.Change change) throws IOException {
        tree.quota().take(Quota.ENTRY);
        boolean made = false;
        try {
            change.make();
            made = true;
        } finally {
            if (!made) {
                tree.quota().give(Quota.ENTRY);
            }
        }
    }

    private HostFolder sameTree(TreeFolder other) {
        if (other instanceof HostFolder target && target.tree() == tree) {
            return target;
        }
        throw TreeFailure.of(WasiErrno.XDEV);
    }
}
