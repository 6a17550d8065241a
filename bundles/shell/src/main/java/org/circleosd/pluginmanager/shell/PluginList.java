package org.circleosd.pluginmanager.shell;

import java.util.AbstractList;
import java.util.List;
import org.circleosd.pluginmanager.api.PluginInfo;

/** The loaded plugins: a list for scripts, and known as one to {@link PluginFormat} even when it is empty. */
final class PluginList extends AbstractList<PluginInfo> {

    private final List<PluginInfo> plugins;

    PluginList(List<PluginInfo> plugins) {
        this.plugins = List.copyOf(plugins);
    }

    @Override
    public PluginInfo get(int index) {
        return plugins.get(index);
    }

    @Override
    public int size() {
        return plugins.size();
    }
}
