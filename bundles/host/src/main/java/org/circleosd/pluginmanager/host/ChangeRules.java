package org.circleosd.pluginmanager.host;

import java.util.Collection;
import java.util.List;
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

    /**
     * Groups slots for the time when their runtime leaves: those of the first group are drained before the second one is
     * closed, and so on. A call that runs may call plugins of later groups, which have to be there until it has ended.
     */
    List<List<PluginSlot>> dependantsFirst(Collection<PluginSlot> slots);
}
