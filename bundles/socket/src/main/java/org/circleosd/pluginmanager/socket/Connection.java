package org.circleosd.pluginmanager.socket;

import java.io.IOException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.Caller;
import org.circleosd.pluginmanager.api.action.RequestHandler;
import org.jspecify.annotations.Nullable;

/**
 * One client: its lines wait here, are handled one after the other by whichever worker serves the connection, and their
 * replies go out here. Nothing is read while too much waits in either direction.
 *
 * <p>Reading, closing and everything about the selection key happen on the selector's thread. All use of the channel is
 * under this object's lock: a descriptor that is closed under a write might by then be another client's.
 */
final class Connection implements RequestHandler.Replies, LineSplitter.Sink, Runnable {

    /** What a waiting line costs beside its bytes. */
    private static final int LINE_OVERHEAD = 64;
    /** Replies wait this long for further ones before they are written. */
    private static final long COALESCE_NANOS = TimeUnit.MILLISECONDS.toNanos(1);

    private final SocketChannel channel;
    private final Caller caller;
    private final Settings settings;
    private final SelectorLoop loop;
    private final LineSplitter splitter;
    private final Queue<byte[]> lines = new ArrayDeque<>();
    private final Outbox outbox;

    /** Null while the connection is parked or not yet registered; the selector thread's. */
    private @Nullable SelectionKey key;
    /** When the client last sent something; the selector thread's. */
    private long lastReadNanos = System.nanoTime();

    private long queuedBytes;
    private long repliesSent;
    private long lastFlushNanos = System.nanoTime();
    private long overfullSinceNanos;
    private boolean overfull;
    /** The worker that serves the connection. */
    private @Nullable Thread server;

    private boolean submitted;
    private boolean parked;
    private boolean inputEnded;
    /** The client is gone: nothing can be written any more. */
    private boolean broken;

    private boolean closed;

    Connection(SocketChannel channel, Caller caller, Settings settings, SelectorLoop loop) {
        this.channel = channel;
        this.caller = caller;
        this.settings = settings;
        this.loop = loop;
        this.splitter = new LineSplitter(settings.maxRequestBytes(), loop.budget());
        this.outbox = new Outbox(loop.budget());
    }

    // ---- On the selector's thread ----

    /** Starts or goes on to listen to the client. */
    synchronized void register(Selector selector) throws IOException {
        if (!closed) {
            parked = false;
            key = channel.register(selector, SelectionKey.OP_READ, this);
            settle();
        }
    }

    /** Handles what the selector saw. */
    synchronized void ready(SelectionKey ready, ReadBuffer buffer) {
        if (closed || ready != key) {
            return;
        }
        // A key becomes invalid, and leaves the selector, when the client has closed both directions.
        boolean hungUp = !ready.isValid();
        if (hungUp) {
            key = null;
        }
        if (hungUp) {
            while (!inputEnded && read(buffer) > 0) {
                // What the client sent before it went is still done.
            }
            breakOff();
        } else {
            if (ready.isReadable() && !inputEnded) {
                read(buffer);
            }
            if (ready.isWritable()) {
                flush();
            }
        }
        settle();
    }

    /** Does what the connection's state asks for: closes it, finds it a worker, or changes what the selector watches. */
    synchronized void settle() {
        if (closed) {
            return;
        }
        submitIfNeeded();
        if (isFinished()) {
            close();
            return;
        }
        SelectionKey watched = key;
        if (parked) {
            loop.recall(this);
        } else if (watched != null && watched.isValid()) {
            int ops = (mayRead() ? SelectionKey.OP_READ : 0) | (outbox.isEmpty() ? 0 : SelectionKey.OP_WRITE);
            if (watched.interestOps() != ops) {
                watched.interestOps(ops);
            }
        }
    }

    /** Takes no more lines than the client has sent until now; closes when those are answered. */
    synchronized void stopReading(ReadBuffer buffer) {
        while (!inputEnded && mayRead() && read(buffer) > 0) {
            // What was sent before the end came is not lost.
        }
        if (!inputEnded) {
            inputEnded = true;
            splitter.release();
        }
        settle();
    }

    /** Closes at once. */
    synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        broken = true;
        SelectionKey watched = key;
        if (watched != null) {
            watched.cancel();
        }
        try {
            channel.close();
        } catch (IOException e) {
            loop.closeFailed(caller, e);
        }
        splitter.release();
        outbox.clear();
        if (!submitted) {
            clearLines();
        }
        loop.closed(this);
    }

    /** Closes the connection of a client that does not read its replies. */
    synchronized void dropIfOverfull(long now) {
        if (outbox.bytes() <= settings.maxUnsentBytes()) {
            overfull = false;
        } else if (!overfull) {
            overfull = true;
            overfullSinceNanos = now;
        } else if (now - overfullSinceNanos > settings.unsentTimeout().toNanos()) {
            loop.dropped(caller, outbox.bytes());
            close();
        }
    }

    /** Writes what a worker holds back while it is busy with the next line; returns whether to come again. */
    synchronized boolean flushLate() {
        if (submitted && !outbox.isEmpty() && System.nanoTime() - lastFlushNanos > COALESCE_NANOS) {
            flush();
            settle();
        }
        return submitted && !lines.isEmpty();
    }

    synchronized boolean isIdleSince(long nanos) {
        return key != null && !submitted && outbox.isEmpty() && !inputEnded && lastReadNanos - nanos < 0;
    }

    /** Takes the connection from the selector; {@link #register} brings it back. */
    synchronized void unregister() {
        SelectionKey watched = key;
        if (watched != null) {
            watched.cancel();
            key = null;
            parked = true;
        }
    }

    /** Returns the channel, for the registration elsewhere of a connection that was taken from its selector. */
    SocketChannel channel() {
        return channel;
    }

    synchronized boolean isServedBy(Thread thread) {
        return server == thread;
    }

    // ---- Lines from the splitter ----

    @Override
    public void line(byte[] line) {
        if (loop.budget().tryReserve(weight(line))) {
            lines.add(line);
            queuedBytes += weight(line);
        } else {
            noRoom();
        }
    }

    @Override
    public void tooLong() {
        mark(Requests.TOO_LONG);
    }

    @Override
    public void noRoom() {
        mark(Requests.NO_ROOM);
    }

    // ---- On a worker's thread ----

    /** Answers lines as long as there are any. */
    @Override
    public void run() {
        for (byte[] line = next(); line != null; line = next()) {
            loop.requests().answer(line, caller, this);
        }
    }

    @Override
    public synchronized void send(byte[] line) {
        repliesSent++;
        if (broken) {
            return;
        }
        boolean wasEmpty = outbox.isEmpty();
        outbox.add(line);
        if (server != Thread.currentThread() && wasEmpty) {
            flush();
            if (!outbox.isEmpty() || broken) {
                loop.attend(this);
            }
        }
    }

    synchronized long repliesSent() {
        return repliesSent;
    }

    /** Returns the next line to answer; null: the worker is to leave, for nothing waits or nothing more may be sent. */
    private synchronized byte @Nullable [] next() {
        server = Thread.currentThread();
        boolean mustLeave = lines.isEmpty() || outbox.bytes() > settings.maxUnsentBytes();
        if (!outbox.isEmpty() && (mustLeave || System.nanoTime() - lastFlushNanos > COALESCE_NANOS)) {
            flush();
            mustLeave = lines.isEmpty() || outbox.bytes() > settings.maxUnsentBytes();
        }
        if (!mustLeave && !closed) {
            byte[] line = lines.remove();
            release(line);
            return line;
        }
        server = null;
        submitted = false;
        if (closed) {
            clearLines();
        } else if (needsSelector()) {
            loop.attend(this);
        }
        return null;
    }

    // ---- Under the lock ----

    private int read(ReadBuffer buffer) {
        lastReadNanos = System.nanoTime();
        int count;
        try {
            count = buffer.readFrom(channel);
        } catch (IOException e) {
            // The client closed without reading its replies.
            breakOff();
            return -1;
        }
        if (count > 0) {
            splitter.feed(buffer.bytes(), count, this);
        }
        if (count < 0) {
            splitter.end(this);
        }
        if (count < 0 || splitter.isEndless()) {
            inputEnded = true;
            splitter.release();
        }
        return count;
    }

    private void flush() {
        lastFlushNanos = System.nanoTime();
        try {
            outbox.writeTo(channel);
        } catch (IOException e) {
            breakOff();
        }
    }

    private void breakOff() {
        broken = true;
        inputEnded = true;
        outbox.clear();
    }

    private void submitIfNeeded() {
        if (!submitted && !lines.isEmpty() && outbox.bytes() <= settings.maxUnsentBytes()) {
            submitted = true;
            loop.submit(this);
        }
        if (submitted && !lines.isEmpty()) {
            loop.watchLateReplies(this);
        }
    }

    private boolean needsSelector() {
        SelectionKey watched = key;
        boolean watchesWrong = watched != null
                && watched.isValid()
                && ((watched.interestOps() & SelectionKey.OP_READ) != 0) != mayRead();
        return isFinished() || !outbox.isEmpty() || watchesWrong || !lines.isEmpty();
    }

    private boolean isFinished() {
        return inputEnded && !submitted && lines.isEmpty() && outbox.isEmpty();
    }

    private boolean mayRead() {
        return !inputEnded && queuedBytes < settings.maxQueuedBytes() && outbox.bytes() <= settings.maxUnsentBytes();
    }

    private void mark(byte[] marker) {
        lines.add(marker);
        loop.budget().reserve(weight(marker));
        queuedBytes += weight(marker);
    }

    private void release(byte[] line) {
        queuedBytes -= weight(line);
        loop.budget().release(weight(line));
    }

    private void clearLines() {
        lines.forEach(this::release);
        lines.clear();
    }

    private static int weight(byte[] line) {
        return line.length + LINE_OVERHEAD;
    }
}
