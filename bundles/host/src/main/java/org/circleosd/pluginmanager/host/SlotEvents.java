package org.circleosd.pluginmanager.host;

import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginId;

/** Tells what happens to the plugin of one slot, until it is gone. */
final class SlotEvents {

    private static final System.Logger LOG = System.getLogger(SlotEvents.class.getName());

    private final PluginId id;
    private final PluginEvents events;
    /** Guarded by this. */
    private boolean isGone;

    SlotEvents(PluginId id, PluginEvents events) {
        this.id = id;
        this.events = events;
    }

    /** Makes an event; of a plugin that is gone there are none. */
    synchronized void happened(PluginEvent.Kind kind, String why) {
        String shown = LogRing.clean(why);
        if (kind == PluginEvent.Kind.CRASHED || kind == PluginEvent.Kind.FAILED) {
            LOG.log(System.Logger.Level.WARNING, "plugin {0} {1}: {2}", id, kind.wireName(), shown);
        }
        if (!isGone) {
            isGone = kind == PluginEvent.Kind.UNLOADED;
            events.happened(id, kind, shown);
        }
    }
}
