package org.circleosd.pluginmanager.socket;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.jspecify.annotations.Nullable;
import org.newsclub.net.unix.AFUNIXSocketChannel;
import org.newsclub.net.unix.AFUNIXSocketCredentials;

/** Takes new connections in, or turns them away. On the selector's thread. */
final class Acceptor {

    private static final System.Logger LOG = System.getLogger(Acceptor.class.getName());
    /** New connections in one go; then those that exist have their turn. */
    private static final int BURST = 256;

    private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final ListeningSocket socket;
    private final PeerPolicy policy;
    private final int maxConnections;
    private final SelectorLoop loop;

    private @Nullable SelectionKey key;
    private boolean paused;
    private long resumeNanos;
    private final Once shortageTold = new Once();
    private final Once fullTold = new Once();

    Acceptor(ListeningSocket socket, PeerPolicy policy, int maxConnections, SelectorLoop loop) {
        this.socket = socket;
        this.policy = policy;
        this.maxConnections = maxConnections;
        this.loop = loop;
    }

    void register(Selector selector) throws ClosedChannelException {
        key = socket.channel().register(selector, SelectionKey.OP_ACCEPT, this);
    }

    /** Takes in whoever waits. */
    void accept() {
        for (int i = 0; i < BURST; i++) {
            AFUNIXSocketChannel channel = null;
            try {
                channel = (AFUNIXSocketChannel) socket.channel().accept();
                if (channel == null) {
                    return;
                }
                admit(channel);
            } catch (IOException e) {
                close(channel);
                if (channel == null) {
                    pause(e);
                    return;
                }
                // Else the client left again before it was looked at.
                LOG.log(System.Logger.Level.DEBUG, "a new connection is lost", e);
            }
        }
    }

    /** Goes on accepting if the time has come; returns the nanoseconds until then, 0: not paused. */
    long pauseLeft(long now) {
        if (paused && now - resumeNanos >= 0) {
            paused = false;
            watch(SelectionKey.OP_ACCEPT);
        }
        return paused ? Math.max(1, resumeNanos - now) : 0;
    }

    /** @param left the socket stays open for the next server, and whoever connects waits; else it is closed */
    void stop(boolean left) {
        SelectionKey watched = key;
        if (watched != null) {
            watched.cancel();
        }
        if (!left) {
            socket.close();
        }
    }

    private void admit(AFUNIXSocketChannel channel) throws IOException {
        Caller caller = callerOf(channel.getPeerCredentials());
        if (!policy.admits(caller.uid(), caller.pid())) {
            channel.close();
            return;
        }
        channel.configureBlocking(false);
        if (loop.connectionCount() >= maxConnections) {
            refuse(channel);
            return;
        }
        loop.add(channel, caller);
    }

    /** Tells the client why: one that is left in the backlog waits without knowing what for. */
    private void refuse(AFUNIXSocketChannel channel) throws IOException {
        if (fullTold.isDue()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "there are {0} connections, as many as max.connections in the socket''s .cfg file allows; more are"
                            + " refused",
                    Integer.toString(maxConnections));
        }
        String message = "request failed: there are " + maxConnections + " connections, no more are taken; try later";
        channel.write(ByteBuffer.wrap(FixedReply.of(ErrorCode.BUSY, message)));
        channel.close();
    }

    /** Out of descriptors, most likely: waiting for a moment beats trying again at once, for ever. */
    private void pause(IOException reason) {
        if (!socket.channel().isOpen()) {
            return;
        }
        if (shortageTold.isDue()) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "cannot accept connections for the moment: {0}; a higher limit of open files (ulimit -n) may help",
                    reason.toString());
        }
        paused = true;
        resumeNanos = System.nanoTime() + PAUSE_NANOS;
        watch(0);
    }

    private void watch(int ops) {
        SelectionKey watched = key;
        if (watched != null && watched.isValid()) {
            watched.interestOps(ops);
        }
    }

    private static Caller callerOf(@Nullable AFUNIXSocketCredentials peer) {
        if (peer == null || peer.isEmpty()) {
            return new Caller("socket", -1, -1);
        }
        long uid = peer.getUid();
        // junixsocket widens the system's unsigned id with its sign; -1 is no user's.
        return new Caller("socket", uid < -1 ? uid & 0xffff_ffffL : uid, peer.getPid());
    }

    private static void close(@Nullable AFUNIXSocketChannel channel) {
        try {
            if (channel != null) {
                channel.close();
            }
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "closing a refused connection", e);
        }
    }

    /** Keeps a shortage that lasts, or comes and goes, from filling the log. */
    private static final class Once {

        private static final long AGAIN_NANOS = TimeUnit.MINUTES.toNanos(1);
        private long last = System.nanoTime() - AGAIN_NANOS;

        /** Says whether a minute has passed since it last did. */
        boolean isDue() {
            long now = System.nanoTime();
            if (now - last < AGAIN_NANOS) {
                return false;
            }
            last = now;
            return true;
        }
    }
}
