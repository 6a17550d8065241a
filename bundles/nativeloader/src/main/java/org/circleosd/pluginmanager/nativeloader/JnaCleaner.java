package org.circleosd.pluginmanager.nativeloader;

import com.sun.jna.Memory;
import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandleProxies;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.FutureTask;

/**
 * Has JNA start its cleaner thread without this bundle. Until JDK 23 a thread remembers for its life whose code was on the
 * stack of those who started it, and this one lives as long as there is a callback, which JNA keeps for ever: it would
 * hold this bundle's classes after their replacement.
 */
final class JnaCleaner {

    private JnaCleaner() {}

    /** Starts it unless it runs; it goes on while the returned object is reachable. */
    static Object start() {
        try {
            MethodHandle allocate = MethodHandles.insertArguments(
                    MethodHandles.publicLookup()
                            .findConstructor(Memory.class, MethodType.methodType(void.class, long.class)),
                    0,
                    1L);
            // Made of classes of the JDK and of JNA alone, and run by a thread that the JDK made for itself: not by one
            // of
            // CompletableFuture, which makes them for its caller where there are two processors.
            Callable<?> allocating = MethodHandleProxies.asInterfaceInstance(
                    Callable.class, allocate.asType(MethodType.methodType(Object.class)));
            FutureTask<?> outside = new FutureTask<>(allocating);
            ForkJoinPool.commonPool().execute(outside);
            return outside.get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while JNA was started", e);
        } catch (ReflectiveOperationException | ExecutionException e) {
            throw new IllegalStateException("this JNA has no memory", e);
        }
    }
}
