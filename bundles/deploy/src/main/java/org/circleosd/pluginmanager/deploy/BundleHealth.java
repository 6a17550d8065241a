package org.circleosd.pluginmanager.deploy;

import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.Constants;
import org.osgi.framework.ServiceReference;
import org.osgi.service.component.runtime.ServiceComponentRuntime;
import org.osgi.service.component.runtime.dto.ComponentConfigurationDTO;
import org.osgi.service.component.runtime.dto.ComponentDescriptionDTO;
import org.osgi.service.component.runtime.dto.ReferenceDTO;

/** Says whether a bundle came up: it is active, and its components work. */
final class BundleHealth {

    /** Service property that Declarative Services set; what a bundle registers by itself may come and go. */
    private static final String COMPONENT = "component.name";

    private static final String SERVICE_COMPONENT = "Service-Component";
    private static final int SATISFIED = ComponentConfigurationDTO.SATISFIED;

    private final BundleContext framework;
    private final ServiceComponentRuntime components;

    /**
     * Asks in the framework's own context, which outlives each bundle's.
     *
     * @param framework the system bundle's
     */
    BundleHealth(BundleContext framework, ServiceComponentRuntime components) {
        this.framework = framework;
        this.components = components;
    }

    /**
     * What worked of a bundle, and has to work again after an update.
     *
     * @param components names of those that were satisfied
     * @param services names of the types that they offered
     */
    record Working(Set<String> components, Set<String> services) {

        /** Of a bundle that is new. */
        static final Working NOTHING = new Working(Set.of(), Set.of());

        Working and(Working other) {
            return new Working(union(components, other.components), union(services, other.services));
        }

        private static Set<String> union(Set<String> one, Set<String> other) {
            return Stream.concat(one.stream(), other.stream()).collect(Collectors.toUnmodifiableSet());
        }
    }

    /** Returns what works now. */
    Working working(Bundle bundle) {
        Set<String> satisfied = new HashSet<>();
        for (ComponentDescriptionDTO component : components.getComponentDescriptionDTOs(bundle)) {
            if (works(component, components.getComponentConfigurationDTOs(component))) {
                satisfied.add(component.name);
            }
        }
        return new Working(satisfied, services(bundle));
    }

    /**
     * Returns what is wrong with a bundle at this moment, in one line; empty if it is up.
     *
     * @param before what worked of the version before it
     */
    Optional<String> complaint(Bundle bundle, Working before) {
        if (isFragment(bundle)) {
            return Optional.empty();
        }
        if (!isStarted(bundle)) {
            return Optional.of(bundle.getState() == Bundle.INSTALLED ? "it does not resolve" : "it does not start");
        }
        Collection<ComponentDescriptionDTO> descriptions = components.getComponentDescriptionDTOs(bundle);
        String declared = bundle.getHeaders().get(SERVICE_COMPONENT);
        if (descriptions.isEmpty() && declared != null && !declared.isBlank()) {
            return Optional.of("none of its components is known to Declarative Services");
        }
        for (ComponentDescriptionDTO description : descriptions) {
            Optional<String> complaint = complaint(description, before);
            if (complaint.isPresent()) {
                return complaint;
            }
        }
        return notEnabled(descriptions, before)
                .or(() -> missingService(bundle, before))
                .or(() -> serviceThatFails(bundle));
    }

    /** Says whether waiting may help: a component that failed, or a bundle that did not start, stays so. */
    boolean isFinal(Bundle bundle) {
        return !isFragment(bundle)
                && components.getComponentDescriptionDTOs(bundle).stream()
                        .flatMap(component -> components.getComponentConfigurationDTOs(component).stream())
                        .anyMatch(configuration -> configuration.state == ComponentConfigurationDTO.FAILED_ACTIVATION);
    }

    /** With lazy activation a bundle stays STARTING until the first of its classes is used. */
    private static boolean isStarted(Bundle bundle) {
        String policy = bundle.getHeaders().get(Constants.BUNDLE_ACTIVATIONPOLICY);
        boolean lazy = policy != null && policy.startsWith(Constants.ACTIVATION_LAZY);
        return bundle.getState() == Bundle.ACTIVE || (lazy && bundle.getState() == Bundle.STARTING);
    }

    static boolean isFragment(Bundle bundle) {
        return bundle.getHeaders().get(Constants.FRAGMENT_HOST) != null;
    }

    private Optional<String> complaint(ComponentDescriptionDTO component, Working before) {
        boolean worked = before.components().contains(component.name);
        if (component.factory != null || !components.isComponentEnabled(component)) {
            return Optional.empty();
        }
        Collection<ComponentConfigurationDTO> configurations = components.getComponentConfigurationDTOs(component);
        for (ComponentConfigurationDTO configuration : configurations) {
            if (configuration.state == ComponentConfigurationDTO.FAILED_ACTIVATION) {
                return Optional.of(
                        "its component " + component.name + " fails: " + Failures.lastCause(configuration.failure));
            }
        }
        if (works(component, configurations)) {
            return Optional.empty();
        }
        for (ComponentConfigurationDTO configuration : configurations) {
            if (configuration.state == ComponentConfigurationDTO.UNSATISFIED_REFERENCE) {
                return Optional.of(
                        "its component " + component.name + " is not satisfied: " + missing(component, configuration));
            }
        }
        if (configurations.stream().anyMatch(configuration -> configuration.state == SATISFIED)) {
            // What its class cannot be loaded for is in the log of Declarative Services, and nowhere else.
            return Optional.of("its component " + component.name + " cannot be made; the log says why");
        }
        // Without its configuration a component is one that nobody asked for, unless it worked before.
        return worked
                ? Optional.of("its component " + component.name + " is not satisfied: there is no configuration "
                        + String.join(", ", component.configurationPid))
                : Optional.empty();
    }

    /** After the others: one that should have enabled it may have failed. */
    private Optional<String> notEnabled(Collection<ComponentDescriptionDTO> descriptions, Working before) {
        return descriptions.stream()
                .filter(component -> before.components().contains(component.name))
                .filter(component -> !components.isComponentEnabled(component))
                .findFirst()
                .map(component -> "its component " + component.name + " is not enabled");
    }

    /** Says whether a component does what it is there for; one that is not immediate is made when it is asked for. */
    private static boolean works(
            ComponentDescriptionDTO component, Collection<ComponentConfigurationDTO> configurations) {
        return configurations.stream()
                .anyMatch(configuration -> configuration.state == ComponentConfigurationDTO.ACTIVE
                        || (!component.immediate && configuration.state == SATISFIED));
    }

    private static String missing(ComponentDescriptionDTO component, ComponentConfigurationDTO configuration) {
        List<String> names = Stream.of(configuration.unsatisfiedReferences)
                .map(unsatisfied -> unsatisfied.name)
                .toList();
        List<String> services = Stream.of(component.references)
                .filter(reference -> names.contains(reference.name))
                .map(BundleHealth::wanted)
                .toList();
        return services.isEmpty() ? "a reference is missing" : "nobody offers " + String.join(", ", services);
    }

    private static String wanted(ReferenceDTO reference) {
        return reference.target == null
                ? reference.interfaceName
                : reference.interfaceName + " with " + reference.target;
    }

    private static Set<String> services(Bundle bundle) {
        Set<String> names = new HashSet<>();
        for (ServiceReference<?> reference : offered(bundle)) {
            names.addAll(List.of((String[]) reference.getProperty(Constants.OBJECTCLASS)));
        }
        return names;
    }

    private static Optional<String> missingService(Bundle bundle, Working before) {
        Set<String> missing = new HashSet<>(before.services());
        missing.removeAll(services(bundle));
        return missing.stream().sorted().findFirst().map(service -> "it does not offer " + service + " any more");
    }

    /** A component that is made on demand shows that it fails when somebody asks for it. */
    private Optional<String> serviceThatFails(Bundle bundle) {
        for (ServiceReference<?> reference : offered(bundle)) {
            // Declarative Services make the one instance of a component for the first bundle that asks.
            if (Constants.SCOPE_PROTOTYPE.equals(reference.getProperty(Constants.SERVICE_SCOPE))) {
                continue;
            }
            Object service = framework.getService(reference);
            framework.ungetService(reference);
            if (service == null) {
                return Optional.of("its component " + reference.getProperty(COMPONENT) + " fails when it is used");
            }
        }
        return Optional.empty();
    }

    private static List<ServiceReference<?>> offered(Bundle bundle) {
        ServiceReference<?>[] references = bundle.getRegisteredServices();
        return references == null
                ? List.of()
                : Stream.<ServiceReference<?>>of(references)
                        .filter(reference -> reference.getProperty(COMPONENT) != null)
                        .toList();
    }
}
