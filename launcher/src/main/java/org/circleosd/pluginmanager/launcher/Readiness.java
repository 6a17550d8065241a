package org.circleosd.pluginmanager.launcher;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.BundleContext;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import org.osgi.service.condition.Condition;

/** Waits until the bundles have said, by Condition services, that the daemon can answer. */
final class Readiness implements ServiceListener {

    private static final String PREFIX = "org.circleosd.pluginmanager.";
    /** Registered by a bundle that cannot do its work; its property {@code reason} says why, and what to do. */
    private static final String FAILED = PREFIX + "failed";

    private static final Set<String> NEEDED = Set.of(PREFIX + "listening", PREFIX + "deployed");

    private final Set<String> missing = new HashSet<>(NEEDED);
    private final CountDownLatch said = new CountDownLatch(1);
    private volatile @Nullable String failure;

    /** Starts to listen; before the framework starts, so that nothing is missed. */
    static Readiness watch(BundleContext context) {
        Readiness readiness = new Readiness();
        try {
            context.addServiceListener(readiness, "(objectClass=" + Condition.class.getName() + ")");
        } catch (InvalidSyntaxException e) {
            throw new IllegalStateException(e);
        }
        return readiness;
    }

    @Override
    public void serviceChanged(ServiceEvent event) {
        if (event.getType() == ServiceEvent.REGISTERED) {
            registered(event.getServiceReference());
        }
    }

    /** Says whether a bundle has said that it cannot work. */
    boolean isFailed() {
        return failure != null;
    }

    /**
     * Waits for a while.
     *
     * @return whether the daemon can answer
     * @throws StartException if a bundle says that it failed
     */
    boolean await(long millis) throws StartException, InterruptedException {
        if (!said.await(millis, TimeUnit.MILLISECONDS)) {
            return false;
        }
        String reason = failure;
        if (reason != null) {
            String[] words = reason.split(";", 2);
            throw new StartException(words[0], words.length > 1 ? words[1].strip() : "the log above says more");
        }
        return true;
    }

    private void registered(ServiceReference<?> reference) {
        Object id = reference.getProperty(Condition.CONDITION_ID);
        if (FAILED.equals(id)) {
            failure = String.valueOf(reference.getProperty("reason"));
            said.countDown();
            return;
        }
        synchronized (missing) {
            missing.remove(id);
            if (missing.isEmpty()) {
                said.countDown();
            }
        }
    }
}
