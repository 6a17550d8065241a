package org.circleosd.pluginmanager.sandbox.wasi.tree;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** What is known of an entry of a host's folder. */
final class HostAttributes {

    /** How the JDK prints what identifies an entry; there is no other way to these numbers from an open folder. */
    private static final Pattern KEY = Pattern.compile("\\(dev=([0-9a-f]+),ino=([0-9]+)\\)");

    private static final String UNIX = "unix:ino,dev,nlink,ctime,fileKey";

    private HostAttributes() {}

    static FileType type(BasicFileAttributes attributes) {
        if (attributes.isDirectory()) {
            return FileType.FOLDER;
        } else if (attributes.isRegularFile()) {
            return FileType.FILE;
        }
        return attributes.isSymbolicLink() ? FileType.LINK : FileType.OTHER;
    }

    /**
     * Describes an entry. What an open folder does not tell of its entries is asked for by path, and believed if the path
     * leads to the same entry.
     *
     * @param attributes as the open folder tells them
     */
    static FileStat stat(BasicFileAttributes attributes, Path where) {
        Map<String, Object> more = byPath(where, attributes.fileKey());
        Matcher key = KEY.matcher(String.valueOf(attributes.fileKey()));
        boolean known = key.matches();
        long device = known ? Long.parseUnsignedLong(key.group(1), 16) : number(more, "dev");
        long inode = known ? Long.parseUnsignedLong(key.group(2)) : number(more, "ino");
        FileTime changed = more.get("ctime") instanceof FileTime time ? time : attributes.lastModifiedTime();
        return new FileStat(
                device,
                inode,
                type(attributes),
                Math.max(1, number(more, "nlink")),
                attributes.size(),
                nanos(attributes.lastAccessTime()),
                nanos(attributes.lastModifiedTime()),
                nanos(changed));
    }

    /** Asks for what Unix knows; empty if something else is at the path. */
    private static Map<String, Object> byPath(Path where, @Nullable Object key) {
        try {
            Map<String, Object> found = Files.readAttributes(where, UNIX, LinkOption.NOFOLLOW_LINKS);
            return key != null && Objects.equals(found.get("fileKey"), key) ? found : Map.of();
        } catch (IOException e) {
            return Map.of();
        }
    }

    private static long number(Map<String, Object> attributes, String name) {
        return attributes.get(name) instanceof Number number ? number.longValue() : 0;
    }

    static long nanos(FileTime time) {
        return time.to(TimeUnit.NANOSECONDS);
    }
}
