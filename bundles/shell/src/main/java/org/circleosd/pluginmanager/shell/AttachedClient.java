package org.circleosd.pluginmanager.shell;

import java.io.IOException;
import java.net.ProtocolException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.jspecify.annotations.Nullable;

/**
 * One client from its first frame to its last: a thread that runs its session, one that reads what it sends, and one
 * that writes what it gets.
 */
final class AttachedClient {

    private static final System.Logger LOG = System.getLogger(AttachedClient.class.getName());

    /** Makes the session that the first frame asks for. */
    interface Sessions {
        Session open(Hello hello, Outbox outbox) throws IOException, CommandFailure;
    }

    private final Connection connection;
    private final Outbox outbox;
    private final Sessions sessions;
    private final NamedThreads threads;
    private final CountDownLatch ended = new CountDownLatch(1);
    private @Nullable Session session;
    private boolean leaving;
    private boolean replaced;

    AttachedClient(Connection connection, Sessions sessions, NamedThreads threads) {
        this.connection = connection;
        this.outbox = new Outbox(connection);
        this.sessions = sessions;
        this.threads = threads;
    }

    /** Serves the client until its session has ended and it has got all that is for it. */
    void serve() {
        Thread writer = threads.newThread(this::write);
        writer.start();
        try {
            converse();
        } catch (ProtocolException e) {
            LOG.log(System.Logger.Level.WARNING, "a client of the shell broke the protocol: {0}", e.getMessage());
            refuse(e.getMessage());
        } catch (CommandFailure e) {
            refuse(e.getMessage());
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a client of the shell is gone: {0}", e.getMessage());
        } catch (Exception e) {
            fail(e);
        } finally {
            outbox.end();
            join(writer);
            ended.countDown();
        }
    }

    private void fail(Exception e) {
        if (isReplaced()) {
            // It began while the commands it needs were leaving.
            put(Frame.again());
        } else {
            LOG.log(System.Logger.Level.ERROR, "a shell session failed", e);
            refuse("the session failed; the daemon's log says why");
        }
    }

    private synchronized boolean isReplaced() {
        return replaced;
    }

    /** Answers a client that gets no session. */
    private void refuse(@Nullable String reason) {
        put(Frame.text(Frame.ERROR, "plugin-manager: " + reason + "\n"));
        put(Frame.status(false, false));
    }

    private void put(Frame frame) {
        try {
            outbox.put(frame);
        } catch (IOException e) {
            LOG.log(System.Logger.Level.DEBUG, "a client of the shell is gone: {0}", e.getMessage());
        }
    }

    /** Lets the session end after the command that runs. Returns whether none does; see {@link Session#leave}. */
    synchronized boolean leave(boolean replaced) {
        leaving = true;
        this.replaced = replaced;
        // One that has not said what it wants yet is told when it does.
        return session == null || session.leave(replaced);
    }

    /** Waits until {@link #serve} is done. */
    boolean awaitEnd(Duration time) throws InterruptedException {
        return ended.await(time.toNanos(), TimeUnit.NANOSECONDS);
    }

    /** Ends the connection. */
    void close() {
        outbox.breakOff();
        try {
            connection.close();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "a connection of the shell did not close: {0}", e.getMessage());
        }
    }

    private void converse() throws Exception {
        Frame first = connection.read();
        if (first == null) {
            return;
        }
        Session opened = begin(Hello.of(first));
        if (opened == null) {
            if (isReplaced()) {
                outbox.put(Frame.again());
            }
            return;
        }
        threads.newThread(() -> read(opened)).start();
        Frame last = opened.run();
        if (last != null) {
            outbox.put(last);
        }
    }

    private synchronized @Nullable Session begin(Hello hello) throws IOException, CommandFailure {
        if (leaving) {
            return null;
        }
        session = sessions.open(hello, outbox);
        return session;
    }

    private void read(Session reading) {
        try {
            for (Frame frame = connection.read(); frame != null; frame = connection.read()) {
                reading.received(frame);
            }
        } catch (ProtocolException e) {
            LOG.log(System.Logger.Level.WARNING, "a client of the shell broke the protocol: {0}", e.getMessage());
        } catch (Exception e) {
            LOG.log(System.Logger.Level.DEBUG, "a client of the shell is gone: {0}", e.getMessage());
        }
        outbox.breakOff();
        hangUp(reading);
    }

    private synchronized void hangUp(Session reading) {
        if (!leaving) {
            reading.hangUp();
        }
    }

    /** Nobody interrupts this thread, and the writer ends at the latest when the connection is closed. */
    private static void join(Thread writer) {
        try {
            writer.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void write() {
        outbox.deliver();
        close();
    }
}
