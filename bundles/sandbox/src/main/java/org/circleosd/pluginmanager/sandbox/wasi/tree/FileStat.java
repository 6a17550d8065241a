package org.circleosd.pluginmanager.sandbox.wasi.tree;

/**
 * What is known of an entry. Times are nanoseconds since 1970.
 *
 * @param device the same for all entries of a tree
 * @param inode the same for all names of an entry
 * @param links how many names it has
 * @param size in bytes; of a link, the length of its text
 */
public record FileStat(
        long device, long inode, FileType type, long links, long size, long accessed, long modified, long changed) {

    /** What a standard stream says of itself. */
    public static final FileStat STREAM = new FileStat(0, 0, FileType.OTHER, 1, 0, 0, 0, 0);

    boolean isFolder() {
        return type == FileType.FOLDER;
    }

    FileStat withSize(long newSize) {
        return new FileStat(device, inode, type, links, newSize, accessed, modified, changed);
    }
}
