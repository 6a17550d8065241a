package org.circleosd.pluginmanager.launcher;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;
import org.osgi.framework.ServiceReference;

/**
 * Asks Declarative Services which components of ours could not be activated. It is asked by reflection: its types belong
 * to a bundle, and the launcher stands outside the framework.
 *
 * @see <a href="https://docs.osgi.org/specification/osgi.cmpn/8.1.0/service.component.html">Declarative Services,
 *     ComponentConfigurationDTO</a>
 */
final class ComponentFailures {

    private static final String RUNTIME = "org.osgi.service.component.runtime.ServiceComponentRuntime";
    private static final String OURS = "org.circleosd.pluginmanager.";
    private static final int UNSATISFIED_CONFIGURATION = 1;
    private static final int ACTIVE = 8;
    private static final int FAILED_ACTIVATION = 16;

    private ComponentFailures() {}

    /** What is asked about a component of which so many configurations are known. */
    private interface Check {

        void look(String component, Collection<?> configurations) throws ReflectiveOperationException;
    }

    /** Returns a line for each component that failed, without a line end; empty if all went well. */
    static List<String> list(BundleContext context) {
        List<String> failures = new ArrayList<>();
        boolean asked = ask(context, new Bundle[0], (component, configurations) -> {
            for (Object configuration : configurations) {
                check(component, configuration, failures);
            }
        });
        return asked ? failures : List.of("Declarative Services do not run");
    }

    /** Returns why a bundle whose components are immediate does not work, in one line; empty if all are active. */
    static Optional<String> complaint(BundleContext context, Bundle bundle) {
        List<String> seen = new ArrayList<>();
        List<String> failures = new ArrayList<>();
        boolean asked = ask(context, new Bundle[] {bundle}, (component, configurations) -> {
            seen.add(component);
            boolean works = false;
            for (Object configuration : configurations) {
                works |= state(configuration) == ACTIVE;
                check(component, configuration, failures);
            }
            if (!works && failures.isEmpty()) {
                failures.add("its component " + component + " is not active");
            }
        });
        if (!asked || seen.isEmpty()) {
            return Optional.of("it has no component");
        }
        return failures.stream().findFirst();
    }

    private static boolean ask(BundleContext context, Bundle[] bundles, Check check) {
        ServiceReference<?> reference = context.getServiceReference(RUNTIME);
        if (reference == null) {
            return false;
        }
        Object runtime = context.getService(reference);
        try {
            Class<?> type = runtime.getClass().getClassLoader().loadClass(RUNTIME);
            Method descriptions = type.getMethod("getComponentDescriptionDTOs", Bundle[].class);
            for (Object description : (Collection<?>) descriptions.invoke(runtime, (Object) bundles)) {
                Method configurations = type.getMethod("getComponentConfigurationDTOs", description.getClass());
                check.look(text(description, "name"), (Collection<?>) configurations.invoke(runtime, description));
            }
            return true;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException("Declarative Services have another interface than 1.5", e);
        } finally {
            context.ungetService(reference);
        }
    }

    private static void check(String name, Object configuration, List<String> failures)
            throws ReflectiveOperationException {
        if (!name.startsWith(OURS)) {
            return;
        }
        int state = state(configuration);
        if (state == FAILED_ACTIVATION) {
            failures.add(name + ": " + reason(text(configuration, "failure")));
        } else if (state == UNSATISFIED_CONFIGURATION) {
            failures.add(name + ": its .cfg file is missing or was not read");
        }
    }

    /** The failure is a whole stack trace; what it comes from stands in the line of the last cause. */
    static String reason(String trace) {
        String last = "no reason given";
        for (String line : trace.lines().toList()) {
            if (line.startsWith("Caused by: ")) {
                last = line.substring("Caused by: ".length());
            } else if (!line.isBlank() && !line.startsWith("\t") && last.equals("no reason given")) {
                last = line;
            }
        }
        return last.replaceFirst("^([\\w.$]+(Exception|Error): )+", "");
    }

    private static int state(Object configuration) throws ReflectiveOperationException {
        return configuration.getClass().getField("state").getInt(configuration);
    }

    private static String text(Object dto, String field) throws ReflectiveOperationException {
        return String.valueOf(dto.getClass().getField(field).get(dto));
    }
}
