package org.circleosd.pluginmanager.host;

import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;

/** Acts on a plugin whose calls end badly too often. Told on the thread of such a call: it returns at once. */
interface Supervision {

    /** The content that an upgrade brought used up its error budget: it goes back. */
    void overBudget(PluginSlot slot, BudgetWatch watch, String why);

    /** What runs the plugin fails: the plugin is out of service. */
    void broken(PluginSlot slot, LoadedPlugin plugin, String why);
}
