package org.circleosd.pluginmanager.nativeloader.process;

import java.io.EOFException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.nativeloader.process.WorkerProcess.Death;
import org.circleosd.pluginmanager.worker.wire.BrokenFrameException;
import org.circleosd.pluginmanager.worker.wire.Frame;
import org.circleosd.pluginmanager.worker.wire.FrameBytes;
import org.circleosd.pluginmanager.worker.wire.FrameKind;
import org.jspecify.annotations.Nullable;

/**
 * A worker process that is spoken to: requests go out, a thread of its own reads what comes back. It lives once. What
 * it says is believed in nothing: a frame that breaks the rules ends it.
 */
final class Worker {

    private static final System.Logger LOG = System.getLogger(Worker.class.getName());
    private static final NamedThreads READERS = new NamedThreads("native-worker", NamedThreads.SMALL_STACK);

    /** Room for the head of a reply, and for all that is no result: a value with its key, a log line, a description. */
    private static final int OTHER_BYTES = 2 << 20;
    /** How long a killed process may take to die, and what it printed to be read. */
    private static final Duration DEATH = Duration.ofSeconds(10);

    /** How long a worker may take to take an answer. */
    private static final Duration ANSWER = Duration.ofSeconds(5);
    /** A thread of a plugin waits for its answer before it asks again, so that this many threads can ask. */
    private static final int MOST_QUESTIONS = 256;
    /** A pipe holds 65,536 bytes; as long as no more is on its way, writing cannot block. */
    private static final int FITS_A_PIPE = 60_000;

    private static final Duration LAST_LINES = Duration.ofMillis(500);

    /** Who made the worker. */
    interface Supervision {

        /** Refuses a worker that lacks a layer which it has to have. */
        void check(Worker worker);

        /** Cleans up after its death, before anybody else hears of it. */
        void gone(Worker worker);
    }

    private final WorkerProcess process;
    private final WorkerLog log;
    private final Path home;
    private final HostWork hostWork;
    private final Supervision supervision;
    /** What libraries are called here, by the names of their copies. */
    private final Map<String, String> names = new ConcurrentHashMap<>();

    private final Map<Integer, PluginSide> plugins = new ConcurrentHashMap<>();
    private final Map<Integer, PendingReply> pending = new ConcurrentHashMap<>();
    private final AtomicInteger lastId = new AtomicInteger();
    private final AtomicLong unanswered = new AtomicLong();
    private final AtomicInteger asking = new AtomicInteger();
    private final AtomicInteger lastPlugin = new AtomicInteger();
    private final CountDownLatch ready = new CountDownLatch(1);
    private final CountDownLatch dead = new CountDownLatch(1);
    private final AtomicReference<@Nullable String> killedFor = new AtomicReference<>();

    private volatile String program = "";
    private volatile int mostReplyBytes = OTHER_BYTES;
    private volatile @Nullable WorkerEnd end;
    private volatile Consumer<WorkerEnd> whenDead = ended -> {};

    /**
     * Takes a started process.
     *
     * @param home its folder
     * @param hostWork answers what its plugins ask
     * @param supervision of whoever made it
     */
    Worker(WorkerProcess process, Path home, HostWork hostWork, Supervision supervision) {
        this.process = process;
        this.home = home;
        this.hostWork = hostWork;
        this.supervision = supervision;
        this.log = new WorkerLog(process.log(), this::withNames, this::printed);
    }

    /** Begins to read. */
    Worker begin() {
        log.start();
        READERS.newThread(this::read).start();
        return this;
    }

    WorkerProcess process() {
        return process;
    }

    Path home() {
        return home;
    }

    /** Returns which program it is, as {@code c}; empty before it is ready. */
    String program() {
        return program;
    }

    /** Returns how it ended; null while it lives. */
    @Nullable
    WorkerEnd end() {
        return end;
    }

    /** Waits until it said that it is ready. */
    boolean awaitReady(Duration bound) throws InterruptedException {
        return ready.await(bound.toNanos(), TimeUnit.NANOSECONDS) && end == null;
    }

    /** Runs an action at its death, once, before those who wait for replies hear of it; at once if it is dead. */
    void whenDead(Consumer<WorkerEnd> action) {
        AtomicReference<@Nullable Consumer<WorkerEnd>> once = new AtomicReference<>(action);
        Consumer<WorkerEnd> guarded = ended -> {
            Consumer<WorkerEnd> mine = once.getAndSet(null);
            if (mine != null) {
                mine.accept(ended);
            }
        };
        whenDead = guarded;
        WorkerEnd ended = end;
        if (ended != null) {
            guarded.accept(ended);
        }
    }

    /** Holds it to limits from now on. */
    void limit(WorkerLimits limits) {
        process.limit(limits);
        supervision.check(this);
    }

    /** Adds a plugin whose frames are to be served; returns its number. */
    int add(PluginSide side, int outputBytes) {
        int number = lastPlugin.incrementAndGet();
        plugins.put(number, side);
        mostReplyBytes = Math.max(mostReplyBytes, Math.addExact(outputBytes, OTHER_BYTES));
        return number;
    }

    /** Has the worker's texts call a library by the name that people gave it. */
    void name(Path copy, String file) {
        names.put(String.valueOf(copy.getFileName()), file);
    }

    void remove(int plugin) {
        plugins.remove(plugin);
    }

    /** Returns the id of a new request. */
    int nextId() {
        return lastId.incrementAndGet();
    }

    /**
     * Sends a request and waits for its reply.
     *
     * @param deadline {@link System#nanoTime} to wait until
     * @throws WorkerEnd.DiedException if the worker died before it replied
     * @throws TimeoutException if there is no reply yet; the worker goes on with it
     */
    Frame ask(int id, FrameBytes request, long deadline) throws WorkerEnd.DiedException, TimeoutException {
        byte[] bytes = request.toBytes();
        PendingReply reply = new PendingReply(this);
        pending.put(id, reply);
        try {
            send(bytes, deadline, unanswered.addAndGet(bytes.length) > FITS_A_PIPE);
            return reply.await(deadline);
        } finally {
            unanswered.addAndGet(-(long) bytes.length);
            pending.remove(id);
        }
    }

    /** Sends what has no reply. */
    void tell(FrameBytes message, long deadline) throws WorkerEnd.DiedException {
        send(message.toBytes(), deadline, true);
    }

    /**
     * Ends the worker.
     *
     * @param reason for people; the first one counts
     */
    void kill(String reason) {
        killedFor.compareAndSet(null, reason);
        process.kill();
    }

    /** Waits for its death, after which nothing of it is left. */
    void awaitDead() {
        boolean interrupted = false;
        while (true) {
            try {
                if (!dead.await(DEATH.toNanos(), TimeUnit.NANOSECONDS)) {
                    LOG.log(System.Logger.Level.ERROR, "worker {0} does not die", pid());
                }
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }

    String pid() {
        return Long.toString(process.pid());
    }

    /** Notices a death whose pipe another process holds open, so that the reader does not see it. */
    void look() {
        if (end == null) {
            process.awaitDeath(Duration.ZERO).ifPresent(this::die);
        }
    }

    private void send(byte[] bytes, long deadline, boolean mayBlock) throws WorkerEnd.DiedException {
        WorkerEnd ended = end;
        if (ended != null) {
            throw new WorkerEnd.DiedException(ended, false);
        }
        // A worker that does not read would keep its writers waiting behind each other, all past their deadlines.
        Future<?> late = mayBlock ? hostWork.at(deadline, () -> kill("it did not take a request in time")) : null;
        try {
            synchronized (pending) {
                process.requests().write(bytes);
                process.requests().flush();
            }
        } catch (IOException e) {
            throw new WorkerEnd.DiedException(endNow("it closed its pipe"), false);
        } finally {
            if (late != null) {
                late.cancel(false);
            }
        }
    }

    /** Ends it and says how it ended. */
    private WorkerEnd endNow(String reason) {
        kill(reason);
        awaitDead();
        WorkerEnd ended = end;
        return ended != null ? ended : new WorkerEnd(true, reason, log.lastLines());
    }

    private void read() {
        try {
            while (true) {
                take(Frame.read(process.replies(), mostReplyBytes));
            }
        } catch (EOFException e) {
            LOG.log(System.Logger.Level.DEBUG, "worker {0} has nothing more to say", pid());
        } catch (BrokenFrameException e) {
            killedFor.compareAndSet(null, "it broke the protocol: " + e.getMessage());
        } catch (IOException e) {
            killedFor.compareAndSet(null, "it cannot be heard: " + e.getMessage());
        }
        // One that closed its pipe and lives on is of no use.
        Optional<Death> death = process.awaitDeath(Duration.ofMillis(200));
        if (death.isEmpty()) {
            kill("it closed its pipe");
            death = process.awaitDeath(DEATH);
        }
        die(death.orElseGet(() -> new Death(0, -1)));
    }

    private void take(Frame frame) throws IOException {
        switch (frame.kind()) {
            case READY -> ready(frame);
            case CONFINED, LOADED, REFUSED, RESULT, UNLOADED, PONG -> {
                PendingReply reply = pending.get(frame.id());
                if (reply != null) {
                    reply.complete(frame);
                }
            }
            case LOG -> {
                PluginSide side = plugins.get(frame.body().u32());
                if (side != null) {
                    side.logged(frame);
                }
            }
            case GET, PUT -> {
                PluginSide side = plugins.get(frame.body().u32());
                if (side == null) {
                    throw new BrokenFrameException("a frame of a plugin that is not there");
                }
                answer(side, frame);
            }
            case CONFINE, LOAD, THREADS, INVOKE, RUN, UNLOAD, VALUE, PING ->
                throw new BrokenFrameException("a frame that only the daemon sends: " + frame.kind());
        }
    }

    private void answer(PluginSide side, Frame frame) throws BrokenFrameException {
        if (asking.incrementAndGet() > MOST_QUESTIONS) {
            throw new BrokenFrameException("more than " + MOST_QUESTIONS + " questions at once");
        }
        hostWork.answer(() -> {
            try {
                tell(side.answer(frame), System.nanoTime() + ANSWER.toNanos());
            } catch (BrokenFrameException e) {
                kill("it broke the protocol: " + e.getMessage());
            } catch (WorkerEnd.DiedException e) {
                LOG.log(System.Logger.Level.DEBUG, "worker {0} asked and died", pid());
            } finally {
                asking.decrementAndGet();
            }
        });
    }

    private void ready(Frame frame) throws IOException {
        int version = frame.body().u32();
        frame.body().u32();
        if (version != FrameKind.PROTOCOL_VERSION) {
            throw new BrokenFrameException(
                    "protocol version " + version + "; the daemon has " + FrameKind.PROTOCOL_VERSION);
        }
        program = frame.body().text();
        ready.countDown();
    }

    private void die(Death death) {
        log.awaitEnd(LAST_LINES);
        WorkerEnd ended;
        synchronized (dead) {
            if (end != null) {
                return;
            }
            String ours = killedFor.get();
            ended = new WorkerEnd(
                    ours != null,
                    ours != null ? ours : CrashLines.reason(death, log.lastLines(), names.values()),
                    log.lastLines());
            end = ended;
        }
        process.close();
        supervision.gone(this);
        ready.countDown();
        whenDead.accept(ended);
        pending.values().forEach(PendingReply::wake);
        dead.countDown();
    }

    private String withNames(String line) {
        String text = line;
        for (Map.Entry<String, String> name : names.entrySet()) {
            text = text.replace(name.getKey(), name.getValue());
        }
        return text;
    }

    private void printed(String line) {
        if (plugins.isEmpty()) {
            LOG.log(System.Logger.Level.DEBUG, "worker {0}: {1}", pid(), line);
        }
        plugins.values().forEach(side -> side.log().append(line));
    }
}
