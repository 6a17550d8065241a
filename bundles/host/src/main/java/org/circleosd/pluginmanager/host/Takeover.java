package org.circleosd.pluginmanager.host;

import java.time.Duration;
import java.util.List;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.StateStore;
import org.jspecify.annotations.Nullable;

/**
 * Has content take the calls of its slot: it is opened beside what runs, without the slot's lock; then it is made
 * durable and switched to, under the lock; what ran is drained and closed. A failure before that changes nothing.
 */
final class Takeover {

    private final PluginSet plugins;
    private final ImageStore images;
    private final Opening opening;
    private final ChangeRules rules;
    private final Duration drain;

    Takeover(PluginSet plugins, ImageStore images, Opening opening, ChangeRules rules, Duration drain) {
        this.plugins = plugins;
        this.images = images;
        this.opening = opening;
        this.rules = rules;
        this.drain = drain;
    }

    /**
     * How content comes in.
     *
     * @param kind the event that it is
     * @param why of the event
     * @param force see {@link ChangeRules#checkUse}
     * @param opensDisabled whether it takes calls in a slot that is disabled; else it is only kept there
     * @param watch counts its calls; null if they are not watched
     * @param changes what becomes durable with it
     */
    record Terms(
            PluginEvent.Kind kind,
            String why,
            boolean force,
            boolean opensDisabled,
            @Nullable BudgetWatch watch,
            List<StateStore.Change> changes) {}

    /**
     * Brings content into a slot.
     *
     * @param previous what a rollback returns to from then on
     */
    void run(PluginSlot slot, PluginContent next, SlotStatus.@Nullable Previous previous, Terms terms) {
        rules.checkUse(next, terms.force());
        SlotContext context = slot.contextOfNew(next);
        Runtimes.Opened opened = opening.open(next, context);
        Leaving leaving = null;
        boolean isUsed = false;
        slot.lock.lock();
        try {
            plugins.checkPresent(slot);
            rules.checkUse(next, terms.force());
            context.values().take(terms.changes());
            images.settle();
            slot.keep(slot.status().withPrevious(previous));
            slot.watch(terms.watch());
            if (slot.status().state() == PluginState.DISABLED && !terms.opensDisabled()) {
                slot.keep(slot.status().with(next));
                slot.events().happened(terms.kind(), terms.why());
            } else {
                isUsed = true;
                leaving = slot.use(next, opened, terms.kind(), terms.why());
            }
        } finally {
            slot.lock.unlock();
            if (!isUsed) {
                context.values().refuse();
                opened.plugin().close();
            }
        }
        opening.leaveIfGone(slot, opened);
        if (leaving != null) {
            leaving.close(drain);
        }
    }
}
