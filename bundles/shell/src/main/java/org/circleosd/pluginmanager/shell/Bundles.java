package org.circleosd.pluginmanager.shell;

import java.util.Arrays;
import java.util.Optional;
import java.util.function.Predicate;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Finds bundles by what people call them. */
final class Bundles {

    private static final String OURS = "org.circleosd.pluginmanager.";

    private final BundleContext framework;

    /** Looks from the framework's own context: ours ends when our bundle is replaced, which a command may be doing. */
    Bundles(BundleContext framework) {
        this.framework = framework;
    }

    /**
     * Finds a bundle by its id, its symbolic name, or the short name of one of our rooms ("sandbox").
     *
     * @return the one with the highest version if several have the name
     */
    Optional<Bundle> find(String name) {
        if (!name.isEmpty() && name.length() < 19 && name.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.ofNullable(framework.getBundle(Long.parseLong(name)));
        }
        return newest(bundle -> name.equals(bundle.getSymbolicName()))
                .or(() -> newest(bundle -> (OURS + name).equals(bundle.getSymbolicName())));
    }

    /** Returns the short name of one of our rooms; any other name as it is. */
    static String shortName(String symbolicName) {
        return symbolicName.startsWith(OURS) ? symbolicName.substring(OURS.length()) : symbolicName;
    }

    Bundle framework() {
        return framework.getBundle();
    }

    private Optional<Bundle> newest(Predicate<Bundle> wanted) {
        return Arrays.stream(framework.getBundles()).filter(wanted).max((one, other) -> one.getVersion()
                .compareTo(other.getVersion()));
    }
}
