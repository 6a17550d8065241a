package org.circleosd.pluginmanager.socket;

import java.io.IOException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.Iterator;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Consumer;
import org.newsclub.net.unix.AFUNIXSelectorProvider;

/**
 * junixsocket's selector and the work that other threads have for its thread. The selector is one {@code poll} call over
 * all keys: its cost grows with the number of registered connections, not only with the ready ones.
 */
final class Poller {

    private static final System.Logger LOG = System.getLogger(Poller.class.getName());
    private static final long PAUSE_AFTER_FAILURE_NANOS = 10_000_000;

    private final Selector selector;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    /** Keeps a second thread from writing a second byte into the selector's pipe. */
    private final AtomicBoolean woken = new AtomicBoolean();

    Poller() throws IOException {
        selector = AFUNIXSelectorProvider.provider().openSelector();
    }

    Selector selector() {
        return selector;
    }

    /** Lets the poller's thread run this soon. Any thread may call. */
    void execute(Runnable task) {
        tasks.add(task);
        if (woken.compareAndSet(false, true)) {
            selector.wakeup();
        }
    }

    /**
     * Waits for ready keys or tasks and handles them.
     *
     * @param timeoutMillis longest wait; 0: as long as it takes
     */
    void poll(long timeoutMillis, Consumer<SelectionKey> ready) {
        try {
            if (!tasks.isEmpty()) {
                selector.selectNow();
            } else if (timeoutMillis == 0) {
                // Not select(0): junixsocket's selector does not wait then, unlike the JDK's.
                selector.select();
            } else {
                selector.select(timeoutMillis);
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.ERROR, "waiting for the connections failed", e);
            LockSupport.parkNanos(PAUSE_AFTER_FAILURE_NANOS);
        }
        woken.set(false);
        for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
            task.run();
        }
        Iterator<SelectionKey> keys = selector.selectedKeys().iterator();
        while (keys.hasNext()) {
            SelectionKey key = keys.next();
            keys.remove();
            ready.accept(key);
        }
    }

    void close() {
        try {
            selector.close();
        } catch (IOException | ClosedSelectorException e) {
            LOG.log(System.Logger.Level.WARNING, "closing a selector: {0}", e.toString());
        }
    }
}
