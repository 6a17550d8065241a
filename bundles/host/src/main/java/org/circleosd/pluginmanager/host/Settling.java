package org.circleosd.pluginmanager.host;

import java.time.Duration;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginListener;
import org.circleosd.pluginmanager.api.PluginState;

/**
 * Does what follows from a change for the plugins that need the changed one: those that waited for it are opened, those
 * that it was taken from are closed. It looks at all plugins after each event, so an event that it did not hear changes
 * nothing.
 */
final class Settling implements PluginListener {

    private final Dependencies dependencies;
    private final PluginMoves moves;
    private final Duration drain;

    Settling(Dependencies dependencies, PluginMoves moves, Duration drain) {
        this.dependencies = dependencies;
        this.moves = moves;
        this.drain = drain;
    }

    @Override
    public void onEvent(PluginEvent event) {
        if (event.plugin() == null || event.kind() == PluginEvent.Kind.CRASHED) {
            return;
        }
        for (PluginSlot slot : dependencies.unsettled()) {
            if (slot.isWaiting()) {
                moves.reopenLater(slot);
            } else {
                moves.run(() -> closeIfUnserved(slot));
            }
        }
    }

    private void closeIfUnserved(PluginSlot slot) {
        Leaving leaving = null;
        slot.lock.lock();
        try {
            if (slot.status().state() == PluginState.ACTIVE) {
                dependencies.checkMayGoOn(slot);
            }
        } catch (PluginException e) {
            leaving = slot.fail(e.getMessage());
        } finally {
            slot.lock.unlock();
        }
        if (leaving != null) {
            leaving.close(drain);
        }
    }
}
