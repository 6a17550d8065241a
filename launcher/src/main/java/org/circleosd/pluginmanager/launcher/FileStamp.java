package org.circleosd.pluginmanager.launcher;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;

/**
 * Tells whether a file changed without reading it.
 *
 * @param size in bytes
 * @param modified when it was written last
 */
record FileStamp(long size, FileTime modified) {

    static FileStamp of(Path file) throws IOException {
        BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
        return new FileStamp(attributes.size(), attributes.lastModifiedTime());
    }

    @Override
    public String toString() {
        return size + " " + modified;
    }
}
