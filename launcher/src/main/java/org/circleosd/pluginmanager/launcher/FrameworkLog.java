package org.circleosd.pluginmanager.launcher;

import org.apache.felix.framework.Logger;
import org.jspecify.annotations.Nullable;

/** Sends what the framework says to the daemon's log. */
final class FrameworkLog extends Logger {

    private static final System.Logger LOG = System.getLogger("framework");

    @Override
    protected void doLog(int level, String message, @Nullable Throwable thrown) {
        System.Logger.Level ours =
                switch (level) {
                    case LOG_ERROR -> System.Logger.Level.ERROR;
                    case LOG_WARNING -> System.Logger.Level.WARNING;
                    case LOG_INFO -> System.Logger.Level.INFO;
                    default -> System.Logger.Level.DEBUG;
                };
        LOG.log(ours, message, thrown);
    }
}
