package org.circleosd.pluginmanager.sandbox.wasi.tree;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** An open folder in memory. */
final class MemoryFolder implements TreeFolder {

    private static final int MAX_NAME = 255;

    private final MemoryTree tree;
    private final MemoryNode node;

    MemoryFolder(MemoryTree tree, MemoryNode node) {
        this.tree = tree;
        this.node = node;
    }

    @Override
    public TreeFolder openFolder(String name) {
        MemoryNode found = existing(name);
        return switch (found.type) {
            case FOLDER -> new MemoryFolder(tree, found);
            case LINK -> throw TreeFailure.of(WasiErrno.LOOP);
            case FILE, OTHER -> throw TreeFailure.of(WasiErrno.NOTDIR);
        };
    }

    @Override
    public TreeFolder openSelf() {
        return new MemoryFolder(tree, node);
    }

    @Override
    public TreeFile openFile(String name, Access access) {
        MemoryNode found = existing(name);
        if (access.writes()) {
            tree.checkWritable();
        }
        return switch (found.type) {
            case FILE -> new MemoryFile(found, access);
            case LINK -> throw TreeFailure.of(WasiErrno.LOOP);
            case FOLDER -> throw TreeFailure.of(WasiErrno.ISDIR);
            case OTHER -> throw TreeFailure.of(WasiErrno.ACCES);
        };
    }

    @Override
    public TreeFile createFile(String name, Access access) {
        MemoryNode made = make(name, FileType.FILE, "");
        return new MemoryFile(made, access);
    }

    @Override
    public @Nullable FileStat find(String name) {
        MemoryNode found = entry(name);
        return found == null ? null : found.stat();
    }

    @Override
    public FileStat stat() {
        return node.stat();
    }

    @Override
    public String readLink(String name) {
        MemoryNode found = existing(name);
        if (found.type != FileType.LINK) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        return found.text;
    }

    @Override
    public void createFolder(String name) {
        make(name, FileType.FOLDER, "");
    }

    @Override
    public void createLink(String name, String text) {
        make(name, FileType.LINK, text);
    }

    @Override
    public void link(String name, TreeFolder to, String newName) {
        MemoryNode found = existing(name);
        if (found.type == FileType.FOLDER) {
            throw TreeFailure.of(WasiErrno.PERM);
        }
        sameTree(to).add(newName, found);
    }

    @Override
    public void rename(String name, TreeFolder to, String newName) {
        tree.checkWritable();
        MemoryFolder target = sameTree(to);
        MemoryNode moved = existing(name);
        MemoryNode replaced = target.entry(newName);
        if (replaced == moved) {
            return;
        }
        Renaming.check(moved.type, replaced == null ? null : replaced.type);
        if (replaced != null && !replaced.entries.isEmpty()) {
            throw TreeFailure.of(WasiErrno.NOTEMPTY);
        }
        if (moved.type == FileType.FOLDER && target.isIn(moved)) {
            throw TreeFailure.of(WasiErrno.INVAL);
        }
        target.checkThere();
        // Before anything else: a longer name may not fit the quota.
        tree.take(Math.max(0, cost(newName, moved) - cost(name, moved)));
        if (replaced != null) {
            target.drop(newName, replaced);
        }
        node.entries.remove(name);
        target.node.entries.put(newName, moved);
        moved.parent = target.node;
        tree.give(Math.max(0, cost(name, moved) - cost(newName, moved)));
        moved.touchNames();
        node.touch();
        target.node.touch();
    }

    @Override
    public void removeFolder(String name) {
        tree.checkWritable();
        MemoryNode found = existing(name);
        if (found.type != FileType.FOLDER) {
            throw TreeFailure.of(WasiErrno.NOTDIR);
        }
        if (!found.entries.isEmpty()) {
            throw TreeFailure.of(WasiErrno.NOTEMPTY);
        }
        drop(name, found);
    }

    @Override
    public void removeFile(String name) {
        tree.checkWritable();
        MemoryNode found = existing(name);
        if (found.type == FileType.FOLDER) {
            throw TreeFailure.of(WasiErrno.ISDIR);
        }
        drop(name, found);
    }

    @Override
    public List<String> names(int limit) {
        if (node.entries.size() > limit) {
            throw TreeFailure.of(WasiErrno.OVERFLOW);
        }
        return new ArrayList<>(node.entries.keySet());
    }

    @Override
    public void setTimes(NewTimes times) {
        node.setTimes(times);
    }

    @Override
    public void setTimes(String name, NewTimes times) {
        existing(name).setTimes(times);
    }

    @Override
    public void close() {
        // There is nothing to give back: what was removed meanwhile has no entries.
    }

    private @Nullable MemoryNode entry(String name) {
        if (name.length() > MAX_NAME || name.getBytes(UTF_8).length > MAX_NAME) {
            throw TreeFailure.of(WasiErrno.NAMETOOLONG);
        }
        return node.entries.get(name);
    }

    private MemoryNode existing(String name) {
        MemoryNode found = entry(name);
        if (found == null) {
            throw TreeFailure.of(WasiErrno.NOENT);
        }
        return found;
    }

    private MemoryNode make(String name, FileType type, String text) {
        MemoryNode made = new MemoryNode(tree, type, text);
        add(name, made);
        return made;
    }

    private void add(String name, MemoryNode added) {
        tree.checkWritable();
        MemoryNode present = entry(name);
        if (present != null) {
            throw TreeFailure.of(WasiErrno.EXIST);
        }
        checkThere();
        tree.take(cost(name, added));
        node.entries.put(name, added);
        added.links++;
        added.parent = node;
        added.touchNames();
        node.touch();
    }

    private void drop(String name, MemoryNode dropped) {
        node.entries.remove(name);
        tree.give(cost(name, dropped));
        dropped.links--;
        dropped.touchNames();
        dropped.releaseIfGone();
        node.touch();
    }

    /** Each name of a link counts its text: a second name for a link is rarer than a counter for it is worth. */
    private static long cost(String name, MemoryNode named) {
        return Quota.ENTRY + 2L * (name.length() + named.text.length());
    }

    /** Says whether this folder is the other, or lies in it at any depth. */
    private boolean isIn(MemoryNode other) {
        MemoryNode at = node;
        while (at != null && at != other) {
            at = at.parent;
        }
        return at != null;
    }

    /** Refuses new entries in a folder that was removed while it was open. */
    private void checkThere() {
        if (node.links == 0 && node != tree.root()) {
            throw TreeFailure.of(WasiErrno.NOENT);
        }
    }

    private MemoryFolder sameTree(TreeFolder other) {
        if (other instanceof MemoryFolder folder && folder.tree == tree) {
            return folder;
        }
        throw TreeFailure.of(WasiErrno.XDEV);
    }
}
