package org.circleosd.pluginmanager.sandbox.wasi.tree;

/** An open file in memory. */
final class MemoryFile implements TreeFile {

    private final MemoryNode node;
    private final TreeFolder.Access access;

    MemoryFile(MemoryNode node, TreeFolder.Access access) {
        this.node = node;
        this.access = access;
        node.handles++;
    }

    @Override
    public int read(byte[] into, int length, long position) {
        return node.blocks.read(into, length, position);
    }

    @Override
    public void write(byte[] from, int length, long position) {
        checkWritable();
        node.blocks.write(from, length, position);
        node.touch();
    }

    @Override
    public long append(byte[] from, int length) {
        write(from, length, size());
        return size();
    }

    @Override
    public long size() {
        return node.blocks.size();
    }

    @Override
    public void resize(long size) {
        checkWritable();
        node.blocks.resize(size);
        node.touch();
    }

    @Override
    public FileStat stat() {
        return node.stat();
    }

    @Override
    public void setTimes(NewTimes times) {
        node.setTimes(times);
    }

    @Override
    public void sync(boolean metadata) {
        // Memory has no disk behind it.
    }

    @Override
    public void close() {
        node.handles--;
        node.releaseIfGone();
    }

    private void checkWritable() {
        if (!access.writes()) {
            throw TreeFailure.of(WasiErrno.BADF);
        }
    }
}
