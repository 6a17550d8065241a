package org.circleosd.pluginmanager.api;

import java.util.Collection;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.FrameworkUtil;
import org.osgi.framework.InvalidSyntaxException;
import org.osgi.framework.ServiceEvent;
import org.osgi.framework.ServiceListener;
import org.osgi.framework.ServiceReference;
import org.osgi.framework.ServiceRegistration;

/**
 * The order in which versions of a part follow each other that can be there only once. While a bundle is installed beside
 * the one that it is to replace, both are started; the turn of the later one comes when the earlier has stopped.
 *
 * <p>Each has a place in the service registry. Nobody gives it back: the framework takes it when the bundle has stopped,
 * and that is after its components. The order is that of the registrations.
 */
public final class Succession {

    private static final String PART = "succession.part";

    private final BundleContext context;
    private final Bundle bundle;
    private final String part;
    private final ServiceRegistration<Succession> place;
    private final Runnable turn;
    private final AtomicBoolean hadTurn = new AtomicBoolean();
    private final ServiceListener listener = this::changed;

    private Succession(BundleContext context, String part, Runnable turn) {
        this.context = context;
        this.bundle = context.getBundle();
        this.part = part;
        this.turn = turn;
        place = context.registerService(Succession.class, this, FrameworkUtil.asDictionary(Map.of(PART, part)));
    }

    /**
     * Runs something once no other bundle is left whose turn comes before: now, or later on the thread that stops the
     * last of them, which must not be held up.
     *
     * @param context of the bundle whose turn it will be
     * @param part the same for all versions of the bundle
     */
    public static void await(BundleContext context, String part, Runnable turn) {
        Succession succession = new Succession(context, part, turn);
        succession.begin();
    }

    private void begin() {
        try {
            context.addServiceListener(listener, ofPart());
        } catch (InvalidSyntaxException e) {
            throw noName(e);
        }
        look(null);
    }

    private void changed(ServiceEvent event) {
        if (event.getType() != ServiceEvent.UNREGISTERING) {
            return;
        }
        ServiceReference<?> leaving = event.getServiceReference();
        if (bundle.equals(leaving.getBundle())) {
            hadTurn.set(true); // its bundle stops: it will have none
        } else {
            look(leaving);
        }
    }

    /** @param leaving still in the registry, but gone */
    private void look(@Nullable ServiceReference<?> leaving) {
        if (!hadTurn.get() && !isPreceded(leaving) && hadTurn.compareAndSet(false, true)) {
            context.removeServiceListener(listener);
            turn.run();
        }
    }

    private boolean isPreceded(@Nullable ServiceReference<?> leaving) {
        return places().stream()
                // A component that is begun anew in the same bundle follows nobody but itself.
                .filter(other -> !bundle.equals(other.getBundle()) && !other.equals(leaving))
                .anyMatch(other -> id(other) < id(place.getReference()));
    }

    private Collection<ServiceReference<Succession>> places() {
        try {
            return context.getServiceReferences(Succession.class, ofPart());
        } catch (InvalidSyntaxException e) {
            throw noName(e);
        }
    }

    private String ofPart() {
        return "(" + PART + "=" + part + ")";
    }

    private IllegalArgumentException noName(InvalidSyntaxException e) {
        return new IllegalArgumentException("'" + part + "' is no name of a part: " + e.getMessage());
    }

    private static long id(ServiceReference<?> reference) {
        return (Long) reference.getProperty(Constants.SERVICE_ID);
    }
}
