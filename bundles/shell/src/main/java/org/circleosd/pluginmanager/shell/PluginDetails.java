package org.circleosd.pluginmanager.shell;

import java.util.List;
import org.circleosd.pluginmanager.api.PluginInfo;

/**
 * What {@code plugin:info} returns. Public with public methods so that scripts can ask: {@code (plugin:info hello) log}.
 *
 * @param plugin the plugin
 * @param log the last lines that it wrote, oldest first
 */
public record PluginDetails(PluginInfo plugin, List<String> log) {

    /** Copies the lines. */
    public PluginDetails {
        log = List.copyOf(log);
    }
}
