package org.circleosd.pluginmanager.shell;

import org.apache.felix.service.command.Converter;
import org.jspecify.annotations.Nullable;
import org.osgi.framework.Bundle;
import org.osgi.framework.BundleContext;

/** Lets commands that take a bundle be given its id, its symbolic name or the short name of one of our rooms. */
final class BundleConverter implements Converter {

    private final Bundles bundles;

    BundleConverter(BundleContext context) {
        bundles = new Bundles(context);
    }

    @Override
    public @Nullable Object convert(Class<?> type, Object value) {
        return type == Bundle.class ? bundles.find(value.toString()).orElse(null) : null;
    }

    @Override
    public @Nullable CharSequence format(Object value, int level, @Nullable Converter session) {
        if (!(value instanceof Bundle bundle) || level == INSPECT) {
            return null;
        }
        String name = bundle.getSymbolicName();
        return level == PART ? name : bundle.getBundleId() + " " + name + " " + bundle.getVersion();
    }
}
