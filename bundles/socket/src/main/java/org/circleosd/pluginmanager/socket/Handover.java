package org.circleosd.pluginmanager.socket;

import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.circleosd.pluginmanager.api.NamedThreads;
import org.circleosd.pluginmanager.socket.ListeningSocket.Left;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/**
 * Brings the listening socket from a server that stops to the next one, so that clients who connect in between wait
 * instead of being refused. It lies in the service registry meanwhile, in the framework's own name, for a bundle's
 * services go with it; and in classes that all versions of this bundle share, for those of the one before are gone.
 */
final class Handover {

    private static final System.Logger LOG = System.getLogger(Handover.class.getName());

    /** Service property that tells what was left from all other suppliers. */
    private static final String LEFT = "org.circleosd.pluginmanager.socket.left";

    private final Duration wait;
    /** The framework's; null if it stops, or there is none. */
    private final @Nullable BundleContext framework;

    private Handover(@Nullable BundleContext framework, Duration wait) {
        this.framework = framework;
        this.wait = wait;
    }

    /** @param wait how long a socket is kept for a server that does not come */
    static Handover in(BundleContext context, Duration wait) {
        Bundle system = context.getBundle(Constants.SYSTEM_BUNDLE_LOCATION);
        boolean runs = system != null && system.getState() != Bundle.STOPPING;
        return new Handover(runs ? system.getBundleContext() : null, wait);
    }

    /** Says whether there may be a next server. */
    boolean isPossible() {
        return framework != null;
    }

    /** Leaves a socket for the next server. If none takes it in time, it is closed. */
    void leave(Left socket) {
        BundleContext keeper = framework;
        if (keeper == null) {
            socket.close();
            return;
        }
        AtomicReference<@Nullable Left> left = new AtomicReference<>(socket);
        CountDownLatch taken = new CountDownLatch(1);
        Supplier<@Nullable Map<String, Object>> service = () -> {
            Left mine = left.getAndSet(null);
            taken.countDown();
            return mine == null ? null : mine.parts();
        };
        ServiceRegistration<?> registration =
                keeper.registerService(Supplier.class, service, FrameworkUtil.asDictionary(Map.of(LEFT, true)));
        new NamedThreads("socket-handover", NamedThreads.SMALL_STACK)
                .newThread(() -> {
                    await(taken);
                    registration.unregister();
                    Left forgotten = left.getAndSet(null);
                    if (forgotten != null) {
                        LOG.log(
                                System.Logger.Level.INFO,
                                "nobody listens on {0} any more: no socket bundle came to take it over",
                                forgotten.file());
                        forgotten.close();
                    }
                })
                .start();
    }

    /** Takes what a server before has left; null if there is nothing. */
    @Nullable
    Left take() {
        BundleContext keeper = framework;
        if (keeper == null) {
            return null;
        }
        for (ServiceReference<?> reference : references(keeper)) {
            Object service = keeper.getService(reference);
            if (service instanceof Supplier<?> supplier && supplier.get() instanceof Map<?, ?> parts) {
                return Left.of(parts);
            }
        }
        return null;
    }

    @SuppressWarnings("rawtypes")
    private static Collection<ServiceReference<Supplier>> references(BundleContext keeper) {
        try {
            return keeper.getServiceReferences(Supplier.class, "(" + LEFT + "=true)");
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    private void await(CountDownLatch taken) {
        try {
            if (!taken.await(wait.toMillis(), TimeUnit.MILLISECONDS)) {
                LOG.log(System.Logger.Level.DEBUG, "the socket was not taken over within {0}", wait);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
