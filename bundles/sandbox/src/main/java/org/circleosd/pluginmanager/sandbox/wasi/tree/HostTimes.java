package org.circleosd.pluginmanager.sandbox.wasi.tree;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.attribute.BasicFileAttributeView;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Sets times of entries of the host. */
final class HostTimes {

    private HostTimes() {}

    /** Adds the present times to those that are set: Java sets both or cuts the other to microseconds. */
    static NewTimes both(BasicFileAttributes present, NewTimes times) {
        return new NewTimes(
                OptionalLong.of(times.accessed().orElse(HostAttributes.nanos(present.lastAccessTime()))),
                OptionalLong.of(times.modified().orElse(HostAttributes.nanos(present.lastModifiedTime()))));
    }

    /**
     * Sets times.
     *
     * @param times both of them
     * @return whether they are as they were to be: until JDK 17, an open folder sets them to microseconds only
     */
    static boolean set(BasicFileAttributeView view, NewTimes times) throws IOException {
        view.setTimes(time(times.modified()), time(times.accessed()), null);
        BasicFileAttributes after = view.readAttributes();
        return after.lastModifiedTime().equals(time(times.modified()))
                && after.lastAccessTime().equals(time(times.accessed()));
    }

    /** Sets both times of a file or a link, which an open folder cannot do, through one more name of it. */
    static void setStaged(HostFolder folder, String name, @Nullable Object key, NewTimes times) throws IOException {
        Staging.with(
                folder.tree(),
                staged -> Files.createLink(staged, folder.where().resolve(name)),
                key,
                staged -> Files.getFileAttributeView(staged, BasicFileAttributeView.class, LinkOption.NOFOLLOW_LINKS)
                        .setTimes(time(times.modified()), time(times.accessed()), null));
    }

    private static FileTime time(OptionalLong nanos) {
        return FileTime.from(nanos.orElseThrow(), TimeUnit.NANOSECONDS);
    }
}
