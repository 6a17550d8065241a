package org.circleosd.pluginmanager.host;

/** Opens content beside what runs, until it is ready for its first call. */
final class Opening {

    private final Runtimes runtimes;
    private final PluginMoves moves;

    Opening(Runtimes runtimes, PluginMoves moves) {
        this.runtimes = runtimes;
        this.moves = moves;
    }

    /** Opens content; whoever uses it calls {@link #leaveIfGone} afterwards. */
    Runtimes.Opened open(PluginContent content, SlotContext context) {
        try {
            return runtimes.open(content, context, opened -> opened);
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
}
