package org.circleosd.pluginmanager.deploy;

import org.osgi.framework.BundleActivator;
import org.osgi.framework.BundleContext;

/** What test bundles are made of; each nested class is copied into a jar. */
final class TestParts {

    private TestParts() {}

    /** A component that works. */
    public static final class Fine implements Runnable {

        @Override
        public void run() {}
    }

    /** A component that cannot be made. */
    public static final class Failing implements Runnable {

        public Failing() {
            throw new IllegalStateException("no sails");
        }

        @Override
        public void run() {}
    }

    /** An activator that fails. */
    public static final class FailingActivator implements BundleActivator {

        @Override
        public void start(BundleContext context) {
            throw new IllegalStateException("no wind");
        }

        @Override
        public void stop(BundleContext context) {}
    }
}
