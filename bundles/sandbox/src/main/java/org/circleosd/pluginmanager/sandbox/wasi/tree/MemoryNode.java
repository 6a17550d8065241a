package org.circleosd.pluginmanager.sandbox.wasi.tree;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** An entry of a tree in memory, whatever its names are. */
final class MemoryNode {

    final MemoryTree tree;
    final FileType type;
    /** A link's text. */
    final String text;
    /** A file's content. */
    final Blocks blocks;
    /** A folder's entries by their names. */
    final Map<String, MemoryNode> entries = new TreeMap<>();

    private final long inode;
    private long accessed;
    private long modified;
    private long changed;
    /** The folder that it is in; of what has several names, the latest. */
    @Nullable
    MemoryNode parent;
    /** Names that it has; a folder has one. The root has none and stays. */
    int links;
    /** Open handles; what has neither a name nor a handle is gone. */
    int handles;

    MemoryNode(MemoryTree tree, FileType type, String text) {
        this.tree = tree;
        this.type = type;
        this.text = text;
        this.blocks = new Blocks(tree);
        this.inode = tree.nextInode();
        this.changed = MemoryTree.now();
        this.accessed = changed;
        this.modified = changed;
    }

    FileStat stat() {
        long size = type == FileType.LINK ? text.getBytes(UTF_8).length : blocks.size();
        return new FileStat(tree.device(), inode, type, Math.max(links, 0), size, accessed, modified, changed);
    }

    void setTimes(NewTimes times) {
        tree.checkWritable();
        accessed = times.accessed().orElse(accessed);
        modified = times.modified().orElse(modified);
        changed = MemoryTree.now();
    }

    /** Notes that the content, or the list of entries, is another now. */
    void touch() {
        changed = MemoryTree.now();
        modified = changed;
    }

    /** Notes that it has another name now, or one more or less. */
    void touchNames() {
        changed = MemoryTree.now();
    }

    void releaseIfGone() {
        if (links == 0 && handles == 0) {
            blocks.resize(0);
        }
    }
}
