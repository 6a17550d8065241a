package org.circleosd.pluginmanager.api;

import java.time.Instant;
import java.util.Locale;

/**
 * Something that happened to a plugin.
 *
 * @param sequence one more than that of the event before it, in one life of the host; 1 is the first
 * @param time when it was noticed
 * @param plugin whose
 * @param kind what happened
 * @param reason why, for people; empty if there is nothing to say
 */
public record PluginEvent(long sequence, Instant time, PluginId plugin, Kind kind, String reason) {

    /** What happened. The wire form is the lower-case name. */
    public enum Kind {
        /** It takes calls for the first time under its id. */
        LOADED,
        /** Other content took its calls over. */
        REPLACED,
        /** Its runtime left; calls wait. */
        SUSPENDED,
        /** It takes calls again after it was suspended, or after the daemon's start. */
        ACTIVE,
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
