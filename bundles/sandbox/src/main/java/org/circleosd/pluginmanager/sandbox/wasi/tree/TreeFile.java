package org.circleosd.pluginmanager.sandbox.wasi.tree;

/**
 * An open file. For one thread at a time. Every method throws {@link TreeFailure}; those that copy bytes are called with
 * pieces of bounded length.
 */
public interface TreeFile extends AutoCloseable {

    /**
     * Copies bytes out of the file.
     *
     * @param length most bytes to copy, not more than the array's
     * @param position not negative
     * @return how many were copied; 0 at the end of the file
     */
    int read(byte[] into, int length, long position);

    /**
     * Copies bytes into the file, which grows if need be: what lies between its end and the position reads as zeros.
     *
     * @param position not negative
     */
    void write(byte[] from, int length, long position);

    /** Copies bytes to the end of the file; returns the position after them. */
    long append(byte[] from, int length);

    long size();

    /** Cuts the file, or makes it longer by zeros. */
    void resize(long size);

    FileStat stat();

    void setTimes(NewTimes times);

    /**
     * Waits until what was written is on the disk, if there is one.
     *
     * @param metadata whether times and the like matter as well
     */
    void sync(boolean metadata);

    @Override
    void close();
}
