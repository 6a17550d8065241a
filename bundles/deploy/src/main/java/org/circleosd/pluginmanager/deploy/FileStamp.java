package org.circleosd.pluginmanager.deploy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.Optional;

/**
 * Tells whether a file changed without reading it.
 *
 * @param size in bytes
 * @param modified when it was written last
 */
record FileStamp(long size, FileTime modified) {

    /** Returns a regular file's stamp, following links; empty for anything else. */
    static Optional<FileStamp> of(Path file) {
        try {
            BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.isRegularFile()
                    ? Optional.of(new FileStamp(attributes.size(), attributes.lastModifiedTime()))
                    : Optional.empty();
        } catch (IOException e) {
            // It went since the folder was listed, or is a link to nothing: there is no file.
            return Optional.empty();
        }
    }

    @Override
    public String toString() {
        return size + " " + modified;
    }
}
