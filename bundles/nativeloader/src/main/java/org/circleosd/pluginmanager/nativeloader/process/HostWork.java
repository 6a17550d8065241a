package org.circleosd.pluginmanager.nativeloader.process;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.circleosd.pluginmanager.api.NamedThreads;

/** The threads of the daemon that work for all workers. */
final class HostWork implements AutoCloseable {

    private static final System.Logger LOG = System.getLogger(HostWork.class.getName());
    private static final String CLOSING = "native plugins are being closed";
    private static final int ANSWERING = 16;

    /** Answers plugins: quick, but for the disk. */
    private final ThreadPoolExecutor answers = new ThreadPoolExecutor(
            ANSWERING,
            ANSWERING,
            10,
            TimeUnit.SECONDS,
            new LinkedBlockingQueue<>(),
            new NamedThreads("native-answer", NamedThreads.GUEST_STACK));

    /** Starts workers and loads plugins, which may hang until their deadline: none waits for another one's. */
    private final ExecutorService starts =
            Executors.newCachedThreadPool(new NamedThreads("native-start", NamedThreads.GUEST_STACK));

    private final ScheduledThreadPoolExecutor clock =
            new ScheduledThreadPoolExecutor(1, new NamedThreads("native-clock", NamedThreads.SMALL_STACK));

    HostWork() {
        answers.allowCoreThreadTimeOut(true);
        clock.setRemoveOnCancelPolicy(true);
    }

    /** Runs what answers a plugin. */
    void answer(Runnable work) {
        run(answers, work);
    }

    /** Runs what starts a worker. */
    void start(Runnable work) {
        run(starts, work);
    }

    /** Runs what starts a worker, later. */
    void startIn(Duration delay, Runnable work) {
        Future<?> unused = at(System.nanoTime() + delay.toNanos(), () -> start(work));
    }

    /** Runs several at once and waits for them. */
    void startAll(List<Runnable> works) {
        CountDownLatch left = new CountDownLatch(works.size());
        works.forEach(work -> starts.execute(guarded(() -> {
            try {
                work.run();
            } finally {
                left.countDown();
            }
        })));
        try {
            left.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Runs something short at a {@link System#nanoTime}. */
    Future<?> at(long time, Runnable work) {
        try {
            return clock.schedule(guarded(work), time - System.nanoTime(), TimeUnit.NANOSECONDS);
        } catch (RejectedExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, CLOSING);
            return CompletableFuture.completedFuture(null);
        }
    }

    @Override
    public void close() {
        clock.shutdownNow();
        starts.shutdown();
        answers.shutdown();
    }

    private static void run(ExecutorService executor, Runnable work) {
        try {
            executor.execute(guarded(work));
        } catch (RejectedExecutionException e) {
            LOG.log(System.Logger.Level.DEBUG, CLOSING);
        }
    }

    private static Runnable guarded(Runnable work) {
        return () -> {
            try {
                work.run();
            } catch (RuntimeException e) {
                LOG.log(System.Logger.Level.ERROR, "work for native plugins failed", e);
            }
        };
    }
}
