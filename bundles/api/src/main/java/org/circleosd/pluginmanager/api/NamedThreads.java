package org.circleosd.pluginmanager.api;

import java.util.concurrent.ThreadFactory;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Makes daemon threads with a name, an explicit stack size and the platform class loader as context class loader: a
 * thread that carried a bundle's loader would keep it alive, and break library look-ups, after the bundle was replaced.
 */
public final class NamedThreads implements ThreadFactory {

    /** For threads that only wait and hand over, in bytes. */
    public static final long SMALL_STACK = 256L << 10;
    /** For threads that may run plugin code, whose recursion is bounded by the stack, in bytes. */
    public static final long GUEST_STACK = 1L << 20;

    private final String prefix;
    private final long stackBytes;
    private final AtomicInteger count = new AtomicInteger();

    /**
     * Makes a factory.
     *
     * @param prefix of the threads' names, which end with a running number
     * @param stackBytes size of each stack
     */
    public NamedThreads(String prefix, long stackBytes) {
        this.prefix = prefix;
        this.stackBytes = stackBytes;
    }

    @Override
    public Thread newThread(Runnable work) {
        Thread thread = new Thread(null, work, prefix + "-" + count.incrementAndGet(), stackBytes, false);
        thread.setDaemon(true);
        thread.setContextClassLoader(ClassLoader.getPlatformClassLoader());
        return thread;
    }
}
