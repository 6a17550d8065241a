package org.circleosd.pluginmanager.host;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.ServiceGate;
import org.circleosd.pluginmanager.api.StateStore;
import org.jspecify.annotations.Nullable;

/**
 * The way to the state store, on threads that nobody interrupts: a plugin's call is interrupted at its deadline, and may
 * have next to no stack left. Work of one order runs one after the other; that of different orders runs at the same time,
 * so that the store can write the commits of several plugins at once.
 */
final class KeptState {

    /** As many commits can be written at once. */
    private static final int THREADS = 16;

    private final ServiceGate<StateStore> stores;
    private final ThreadPoolExecutor threads;
    private final InTurn order;

    KeptState(Duration wait, Duration drain) {
        this(new ServiceGate<>("state store", wait, drain), newThreads());
    }

    private KeptState(ServiceGate<StateStore> stores, ThreadPoolExecutor threads) {
        this.stores = stores;
        this.threads = threads;
        order = new InTurn(threads);
    }

    /** Makes an order of its own: its work waits for nothing of another. */
    KeptState newOrder() {
        return new KeptState(stores, threads);
    }

    void bind(StateStore store) {
        stores.bind(store);
    }

    /** Blocks, bounded, until nothing runs on this store any more. */
    void unbind(StateStore store) {
        stores.unbind(store);
    }

    /**
     * Runs work on the store when all earlier work of this order has ended. It must not call back.
     *
     * @throws PluginException {@link ErrorCode#CANCELLED} if the waiting thread was interrupted before the work began,
     *     {@link ErrorCode#UNAVAILABLE} if there is no store or the host closes, or what the work throws
     */
    <R> R call(Function<? super StateStore, ? extends R> work) {
        return stores.call(store -> {
            Turn<R> turn = new Turn<>(() -> work.apply(store));
            try {
                order.execute(turn);
            } catch (RejectedExecutionException e) {
                throw new PluginException(ErrorCode.UNAVAILABLE, "the plugin host is being replaced; try again");
            }
            return turn.await();
        });
    }

    /** As {@link #call}, for work without a result. */
    void run(Consumer<? super StateStore> work) {
        this.<@Nullable Void>call(store -> {
            work.accept(store);
            return null;
        });
    }

    /** Hands the store that is there now to work that does not touch what it keeps, on the calling thread. */
    <R> R peek(Function<? super StateStore, ? extends R> work) {
        return stores.call(work);
    }

    /** Takes no more work, in any order; what was taken is done. */
    void close() {
        threads.shutdown();
    }

    private static ThreadPoolExecutor newThreads() {
        ThreadPoolExecutor threads = new ThreadPoolExecutor(
                THREADS,
                THREADS,
                10,
                TimeUnit.SECONDS,
                new LinkedBlockingQueue<>(),
                new NamedThreads("plugin-state", NamedThreads.SMALL_STACK));
        threads.allowCoreThreadTimeOut(true);
        return threads;
    }

    /** One operation, which either begins or is withdrawn. */
    private static final class Turn<R> implements Runnable {

        private final Supplier<R> work;
        private final AtomicBoolean decided = new AtomicBoolean();
        private final CompletableFuture<R> result = new CompletableFuture<>();

        Turn(Supplier<R> work) {
            this.work = work;
        }

        @Override
        public void run() {
            if (!decided.compareAndSet(false, true)) {
                return;
            }
            try {
                result.complete(work.get());
            } catch (RuntimeException | Error e) {
                result.completeExceptionally(e);
            }
        }

        R await() {
            boolean interrupted = false;
            try {
                while (true) {
                    try {
                        return result.get();
                    } catch (InterruptedException e) {
                        interrupted = true;
                        if (decided.compareAndSet(false, true)) {
                            throw new PluginException(ErrorCode.CANCELLED, "gave up waiting for the state store");
                        }
                        // It has begun, and a disk is all that it waits for.
                    } catch (ExecutionException e) {
                        if (e.getCause() instanceof RuntimeException failure) {
                            throw failure;
                        }
                        throw new IllegalStateException("work on the state store failed", e.getCause());
                    }
                }
            } finally {
                if (interrupted) {
                    Thread.currentThread().interrupt();
                }
            }
        }
    }
}
