package org.circleosd.pluginmanager.sandbox.wasi.tree;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/** Sets times of entries of the host. */
final class HostTimes {

    private HostTimes() {}

    /**
     * Sets times.
     *
     * @return whether they are as they were to be: until JDK 17, an open folder sets them to microseconds only
     */
    static boolean set(BasicFileAttributeView view, NewTimes times) throws IOException {
        BasicFileAttributes before = view.readAttributes();
        FileTime accessed = accessed(before, times);
        FileTime modified = modified(before, times);
        view.setTimes(modified, accessed, null);
        BasicFileAttributes after = view.readAttributes();
        return after.lastModifiedTime().equals(modified)
                && after.lastAccessTime().equals(accessed);
    }

    /** Sets the times of a file or a link, which an open folder cannot do, through one more name of it. */
    static void setStaged(HostFolder folder, String name, NewTimes times) throws IOException {
        BasicFileAttributes before = folder.attributes(HostFolder.entry(name));
        Staging.with(
                folder.tree(),
                staged -> Files.createLink(staged, folder.where().resolve(name)),
                before.fileKey(),
                staged -> Files.getFileAttributeView(staged, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                        .setTimes(modified(before, times), accessed(before, times), null));
    }

    private static FileTime accessed(BasicFileAttributes before, NewTimes times) {
        return times.accessed().isPresent()
                ? HostAttributes.time(times.accessed().getAsLong())
                : before.lastAccessTime();
    }

    private static FileTime modified(BasicFileAttributes before, NewTimes times) {
        return times.modified().isPresent()
                ? HostAttributes.time(times.modified().getAsLong())
                : before.lastModifiedTime();
    }
}
