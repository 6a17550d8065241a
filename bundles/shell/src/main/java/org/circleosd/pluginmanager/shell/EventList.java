package org.circleosd.pluginmanager.shell;

import java.util.AbstractList;
import java.util.List;
import org.circleosd.pluginmanager.api.PluginEvent;

/** What happened: a list for scripts, and known as one to {@link PluginFormat} even when it is empty. */
final class EventList extends AbstractList<PluginEvent> {

    private final List<PluginEvent> events;

    EventList(List<PluginEvent> events) {
        this.events = List.copyOf(events);
    }

    @Override
    public PluginEvent get(int index) {
        return events.get(index);
    }

    @Override
    public int size() {
        return events.size();
    }
}
