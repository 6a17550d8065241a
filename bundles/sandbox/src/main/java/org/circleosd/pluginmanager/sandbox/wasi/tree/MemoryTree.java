package org.circleosd.pluginmanager.sandbox.wasi.tree;

import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * A tree of files in the Java heap. For one thread at a time. Its bytes count against its quota, and against what all
 * such trees of the daemon may take together.
 */
public final class MemoryTree {

    /** Part of the heap that all trees in memory may take together. */
    private static final int HEAP_PARTS = 8;

    private static final Quota ALL = new Quota(Runtime.getRuntime().maxMemory() / HEAP_PARTS, 0, WasiErrno.NOSPC);
    private static final AtomicLong DEVICES = new AtomicLong(1L << 62);

    private final long device = DEVICES.incrementAndGet();
    private final Quota quota;
    private final boolean readOnly;
    private final MemoryNode root;
    private long inodes;

    /**
     * Makes an empty tree.
     *
     * @param quota most bytes; blocks of 4,096, and something for each entry
     */
    public MemoryTree(long quota, boolean readOnly) {
        this.quota = new Quota(quota, 0, WasiErrno.DQUOT);
        this.readOnly = readOnly;
        this.root = new MemoryNode(this, FileType.FOLDER, "");
    }

    /** Opens the tree's folder. */
    public TreeFolder open() {
        return new MemoryFolder(this, root);
    }

    /** Forgets all; nothing of the tree may be used any more. */
    public void discard() {
        long used = quota.used();
        quota.give(used);
        ALL.give(used);
    }

    /** Says how many bytes count against the quota. */
    long used() {
        return quota.used();
    }

    MemoryNode root() {
        return root;
    }

    long device() {
        return device;
    }

    long nextInode() {
        inodes++;
        return inodes;
    }

    void take(long bytes) {
        quota.take(bytes);
        boolean taken = false;
        try {
            ALL.take(bytes);
            taken = true;
        } finally {
            if (!taken) {
                quota.give(bytes);
            }
        }
    }

    void give(long bytes) {
        quota.give(bytes);
        ALL.give(bytes);
    }

    void checkWritable() {
        if (readOnly) {
            throw TreeFailure.of(WasiErrno.ROFS);
        }
    }

    static long now() {
        Instant now = Instant.now();
        return TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano();
    }
}
