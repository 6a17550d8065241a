package org.circleosd.pluginmanager.host;

import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;

/**
 * Refuses changes of plugins for the sake of others. Whoever changes a plugin asks twice: before it prepares the change,
 * so that nobody waits for what is refused, and again with the slot's lock held, before anything of it is durable or can
 * be seen.
 */
interface ChangeRules {

    /**
     * Asked before content takes the calls of an id, or is kept there while it is disabled: load, upgrade, rollback,
     * reload, enable.
     *
     * @param force also if a plugin that depends on this one asks for another version
     * @throws PluginException to refuse
     */
    void checkUse(PluginContent next, boolean force);

    /**
     * Asked before a plugin takes no calls any more: unload, disable.
     *
     * @param force also if plugins depend on it
     * @throws PluginException to refuse
     */
    void checkLeave(PluginId id, boolean force);

    /** Says whether a plugin that is kept may be opened now, by itself; it is asked again whenever another was opened. */
    boolean mayOpen(PluginContent kept);

    /** Allows all. */
    ChangeRules NONE = new ChangeRules() {
        @Override
        public void checkUse(PluginContent next, boolean force) {}

        @Override
        public void checkLeave(PluginId id, boolean force) {}

        @Override
        public boolean mayOpen(PluginContent kept) {
            return true;
        }
    };
}
