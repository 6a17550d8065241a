package org.circleosd.pluginmanager.api.fakes;

import java.util.ArrayList;
import java.util.List;
import org.circleosd.pluginmanager.api.LoadRequest;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginHost;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginInfo;

/**
 * A host for the tests of the rooms through which people and programs reach it: it notes what it is asked to change. What
 * its plugins are, and what they answer, says the room.
 */
public abstract class RecordingHost implements PluginHost {

    /** What was to be loaded, or to be put under an id. */
    public final List<LoadRequest> loads = new ArrayList<>();
    /** The changes in words, like "rollback example". */
    public final List<String> changes = new ArrayList<>();
    /** What {@link #events} tells. */
    public final List<PluginEvent> happened = new ArrayList<>();

    @Override
    public PluginInfo upgrade(PluginId id, LoadRequest request, boolean force) {
        loads.add(request);
        return change("upgrade" + (force ? " by force" : ""), id);
    }

    @Override
    public PluginInfo rollback(PluginId id) {
        return change("rollback", id);
    }

    @Override
    public PluginInfo reload(PluginId id) {
        return change("reload", id);
    }

    @Override
    public PluginInfo enable(PluginId id) {
        return change("enable", id);
    }

    @Override
    public PluginInfo disable(PluginId id) {
        return change("disable", id);
    }

    @Override
    public List<PluginEvent> events(long after) {
        return happened.stream().filter(event -> event.sequence() > after).toList();
    }

    @Override
    public void bundleChanged(String bundle, PluginEvent.Kind kind, String reason) {
        throw new AssertionError("only the deploy room says so");
    }

    private PluginInfo change(String what, PluginId id) {
        PluginInfo plugin = info(id);
        changes.add(what + " " + id);
        return plugin;
    }
}
