package org.circleosd.pluginmanager.state;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Commits on their way to the store's thread. */
final class CommitQueue {

    private static final int BATCH_BYTES = 1 << 20;

    private final Deque<Commit> commits = new ArrayDeque<>();
    private boolean isClosed;

    /** Adds a commit; returns false if the queue is closed. */
    synchronized boolean add(Commit commit) {
        if (isClosed) {
            return false;
        }
        commits.add(commit);
        notifyAll();
        return true;
    }

    /** Waits for commits and takes as many as are to be written at once; empty: the queue is closed and has no more. */
    synchronized List<Commit> take() throws InterruptedException {
        while (commits.isEmpty() && !isClosed) {
            wait();
        }
        List<Commit> batch = new ArrayList<>();
        long bytes = 0;
        while (!commits.isEmpty() && bytes < BATCH_BYTES) {
            Commit commit = commits.remove();
            bytes += commit.encoded().length;
            batch.add(commit);
        }
        return batch;
    }

    /** Takes no more commits. */
    synchronized void close() {
        isClosed = true;
        notifyAll();
    }

    synchronized boolean isClosed() {
        return isClosed;
    }
}
