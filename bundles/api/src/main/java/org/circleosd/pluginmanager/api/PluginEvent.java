package org.circleosd.pluginmanager.api;

import java.time.Instant;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened to a plugin, or to a bundle that serves plugins.
 *
 * @param sequence larger than that of every event before it, also of those before a restart; one more than the one before
 *     it while the host lives. Below 2^53
 * @param time when it was noticed
 * @param kind what happened
 * @param plugin whose; null for an event of a bundle
 * @param bundle symbolic name; null for an event of a plugin
 * @param reason why, for people; empty if there is nothing to say
 */
public record PluginEvent(
        long sequence,
        Instant time,
        Kind kind,
        @Nullable PluginId plugin,
        @Nullable String bundle,
        String reason) {

    /** Takes either a plugin or a bundle. */
    public PluginEvent {
        if ((plugin == null) == (bundle == null)) {
            throw new IllegalArgumentException("an event is of a plugin or of a bundle: " + plugin + ", " + bundle);
        }
    }

    /** What happened. The wire form is the lower-case name. */
    public enum Kind {
        /** It takes calls for the first time under its id. */
        LOADED,
        /** Other content took its calls over; of a bundle: another version did. */
        UPGRADED,
        /** The content before the last upgrade took its calls over again; of a bundle: the version before. */
        ROLLED_BACK,
        /** The same content was opened once more and took its calls over. */
        RELOADED,
        /** Its runtime left; calls wait. */
        SUSPENDED,
        /** It takes calls again after it was suspended, disabled or failed, or after the daemon's start. */
        ACTIVE,
        /** It takes no calls until somebody enables it. */
        DISABLED,
        /** Its process died; the next call gets a fresh one. */
        CRASHED,
        /** It is out of service until somebody acts. */
        FAILED,
        /** It is gone. */
        UNLOADED;

        /** Returns the kind as clients see it. */
        public String wireName() {
            return name().toLowerCase(Locale.ROOT);
        }
    }
}
