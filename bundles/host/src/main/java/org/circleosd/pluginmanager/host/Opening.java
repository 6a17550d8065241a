package org.circleosd.pluginmanager.host;

import java.time.Duration;
import org.circleosd.pluginmanager.api.PluginException;

/** Opens content beside what runs, and waits until it is ready for its first call. */
final class Opening {

    /** A runtime that leaves in the middle may forget what it was making ready: it is looked at so often. */
    private static final Duration LOOK = Duration.ofSeconds(1);

    private final Runtimes runtimes;
    private final PluginMoves moves;

    Opening(Runtimes runtimes, PluginMoves moves) {
        this.runtimes = runtimes;
        this.moves = moves;
    }

    /**
     * Opens content; a runtime that leaves meanwhile is followed by the next one. Whoever uses what is returned calls
     * {@link #leaveIfGone} afterwards.
     *
     * @throws PluginException as {@link org.circleosd.pluginmanager.api.runtime.PluginRuntime#load}, or why it will never
     *     take a call; nothing is left behind
     */
    Runtimes.Opened open(PluginContent content, SlotContext context) {
        try {
            while (true) {
                Runtimes.Opened opened = runtimes.openAtOnce(content, context, made -> made);
                if (isReady(opened)) {
                    return opened;
                }
            }
        } catch (RuntimeException e) {
            context.values().refuse();
            throw e;
        }
    }

    /** Takes a slot off the runtime that opened its plugin, if that runtime left before it could find the plugin there. */
    void leaveIfGone(PluginSlot slot, Runtimes.Opened opened) {
        if (!runtimes.isBound(opened.runtime())) {
            moves.leave(slot, opened.runtime());
        }
    }

    /** Waits for a plugin; closes it and returns false if its runtime left. */
    private boolean isReady(Runtimes.Opened opened) {
        boolean isReady = false;
        try {
            while (!isReady && runtimes.isBound(opened.runtime())) {
                isReady = opened.plugin().awaitReady(LOOK);
            }
        } catch (PluginException e) {
            if (runtimes.isBound(opened.runtime())) {
                throw e;
            }
        } finally {
            if (!isReady) {
                opened.plugin().close();
            }
        }
        return isReady;
    }
}
