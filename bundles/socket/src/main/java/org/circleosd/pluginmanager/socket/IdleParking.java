package org.circleosd.pluginmanager.socket;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import org.circleosd.pluginmanager.api.NamedThreads;

/**
 * Where connections wait whose clients are silent: a selector with a thread of its own, so that the cost of the busy
 * one grows with the busy connections only. The first sign from a client brings its connection back.
 */
final class IdleParking implements Runnable {

    private static final System.Logger LOG = System.getLogger(IdleParking.class.getName());

    private final Poller poller = new Poller();
    private final SelectorLoop loop;
    private volatile boolean stopped;

    IdleParking(SelectorLoop loop) throws IOException {
        this.loop = loop;
    }

    void start() {
        new NamedThreads("socket-parked", NamedThreads.SMALL_STACK)
                .newThread(this)
                .start();
    }

    /** Takes over a connection that its selector has let go. */
    void park(Connection connection) {
        poller.execute(() -> {
            try {
                connection.channel().register(poller.selector(), SelectionKey.OP_READ, connection);
            } catch (ClosedChannelException e) {
                LOG.log(System.Logger.Level.DEBUG, "closed before it was parked", e);
            }
        });
    }

    /** Brings a connection back for another reason than a sign from its client. */
    void recall(Connection connection) {
        poller.execute(() -> {
            SelectionKey key = connection.channel().keyFor(poller.selector());
            if (key != null) {
                release(key);
            }
        });
    }

    void stop() {
        stopped = true;
        poller.execute(() -> {});
    }

    @Override
    public void run() {
        while (!stopped) {
            poller.poll(0, this::release);
        }
        poller.close();
    }

    private void release(SelectionKey key) {
        Connection connection = (Connection) key.attachment();
        key.cancel();
        loop.bringBack(connection);
    }
}
