package org.circleosd.pluginmanager.state;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.SortedSet;

/** The folder of the state, with the few operations that the store needs; a test puts a failing one in its place. */
interface Disk {

    /** Returns a name that all stores of this process on the same folder have in common. */
    String identity();

    /** Makes the folder, for its owner only, if it is missing. */
    void prepare() throws IOException;

    /**
     * Takes the folder for this process until the returned lock is closed.
     *
     * @throws IOException if another process has it; its message says which
     */
    Closeable lock() throws IOException;

    /** Returns the names of what is in the folder. */
    SortedSet<String> names() throws IOException;

    /** Makes a new, empty file, for its owner only. */
    DiskFile create(String name) throws IOException;

    /** Opens a regular file. */
    DiskFile open(String name) throws IOException;

    /** Says whether a name leads to this open file. */
    boolean isNamed(DiskFile file, String name) throws IOException;

    /** Gives a file another name; one of that name is replaced. */
    void move(String from, String to) throws IOException;

    void delete(String name) throws IOException;

    /** Makes the names of the files durable. */
    void force() throws IOException;

    /** Says whether a write of so many bytes failed for want of room, and had succeeded with more. */
    boolean isFull(IOException failure, long bytes);

    /** Returns the path of a file, for messages. */
    String path(String name);

    /** An open file, for one thread. */
    interface DiskFile extends Closeable {

        long size() throws IOException;

        /** Reads what there is from a position on, at most what fits; -1 at the end. */
        int read(ByteBuffer target, long at) throws IOException;

        /** Writes all of it from a position on, which may be behind the end; after a failure, some of it may be there. */
        void write(ByteBuffer content, long at) throws IOException;

        void truncate(long size) throws IOException;

        /** Makes the content and the size durable. */
        void force() throws IOException;
    }
}
