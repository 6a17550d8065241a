package org.circleosd.pluginmanager.state;

import java.io.IOException;

/** A file that is made under another name first: whoever finds its name, also after a crash, finds all of it. */
final class NewFile {

    static final String TEMPORARY = ".tmp";

    private NewFile() {}

    /**
     * Makes a file, on disk when this returns, or replaces one.
     *
     * @return the open file
     * @throws UncertainWriteException if the disk failed while it made the file durable
     * @throws IOException if it failed before, as a full disk does: nothing was changed
     */
    static Disk.DiskFile make(Disk disk, String name, Content content) throws IOException {
        String temporary = name + TEMPORARY;
        disk.delete(temporary);
        Disk.DiskFile file = disk.create(temporary);
        try {
            content.write(file);
            try {
                file.force();
            } catch (IOException e) {
                throw new UncertainWriteException(disk.path(name) + " was made durable", e);
            }
            move(disk, temporary, name);
        } catch (IOException | RuntimeException e) {
            abandon(disk, temporary, file, e);
            throw e;
        }
        try {
            disk.force();
        } catch (IOException e) {
            file.close();
            throw new UncertainWriteException("the name of " + disk.path(name) + " was made durable", e);
        }
        return file;
    }

    private static void move(Disk disk, String from, String to) throws IOException {
        try {
            disk.move(from, to);
        } catch (IOException e) {
            if (disk.isFull(e, 1)) {
                throw e;
            }
            throw new UncertainWriteException(disk.path(from) + " was given its name", e);
        }
    }

    private static void abandon(Disk disk, String temporary, Disk.DiskFile file, Exception reason) {
        try {
            file.close();
            disk.delete(temporary);
        } catch (IOException e) {
            reason.addSuppressed(e); // what is left over goes at the next start
        }
    }

    /** Writes the content of a new file. */
    @FunctionalInterface
    interface Content {
        void write(Disk.DiskFile file) throws IOException;
    }
}
