package org.circleosd.pluginmanager.host;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.BiFunction;
import org.circleosd.pluginmanager.api.PluginEvent;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.StateStore;
import org.jspecify.annotations.Nullable;

/** Reads what is kept, at the start of the host and before anybody may ask for anything. */
final class Restore {

    /** The events of a life of the host are numbered from this times the lives before it, plus one. */
    static final long EVENTS_OF_A_LIFE = 1_000_000_000;

    private static final System.Logger LOG = System.getLogger(Restore.class.getName());
    private static final String BUCKET = "host";
    private static final String LIVES = "lives";
    private static final String SAFE_MODE = "the daemon was started in safe mode";

    private final KeptState state;
    private final Preparation preparation;
    private final PluginEvents events;
    private final boolean safeMode;

    /**
     * Makes a restore that has read nothing.
     *
     * @param safeMode whether no plugin is to be opened by itself
     */
    Restore(KeptState state, Preparation preparation, PluginEvents events, boolean safeMode) {
        this.state = state;
        this.preparation = preparation;
        this.events = events;
        this.safeMode = safeMode;
    }

    /**
     * Makes the slots of the kept plugins, deletes the images that nobody needs, and has the events go on.
     *
     * @param slots makes a slot of a record and of its image, which is null if it is missing
     */
    List<PluginSlot> read(BiFunction<PluginRecord, @Nullable PluginImage, PluginSlot> slots) {
        Map<String, byte[]> kept = state.call(store -> store.entries(PluginRecord.BUCKET));
        Map<String, byte[]> before = state.call(store -> store.entries(PluginRecord.PREVIOUS));
        boolean isWritable = begin();
        List<PluginRecord> records = decoded(kept);
        Map<PluginId, PluginRecord> previous = new HashMap<>();
        decoded(before).forEach(record -> previous.put(record.id(), record));
        List<PluginSlot> made = new ArrayList<>();
        for (PluginRecord record : records) {
            PluginSlot slot = slot(record, slots);
            PluginRecord last = previous.get(record.id());
            if (last != null) {
                holdPrevious(slot, last);
            }
            made.add(slot);
        }
        // A state that shows no plugin may be a damaged one: the images must be there when a good copy is put back.
        boolean isWhole = !records.isEmpty() && records.size() == kept.size() && previous.size() == before.size();
        if (isWritable && isWhole) {
            sweepImages();
        }
        return made;
    }

    /** Counts this life; returns whether the state can be written, and so be trusted to be all that there was. */
    private boolean begin() {
        byte[] known = state.call(store -> store.entries(BUCKET)).get(LIVES);
        long lives = known == null ? 0 : lives(new String(known, StandardCharsets.US_ASCII));
        events.beginAfter(lives * EVENTS_OF_A_LIFE);
        byte[] next = Long.toString(lives + 1).getBytes(StandardCharsets.US_ASCII);
        try {
            state.run(store -> store.commit(List.of(new StateStore.Change(BUCKET, LIVES, next))));
            return true;
        } catch (PluginException e) {
            LOG.log(
                    System.Logger.Level.WARNING,
                    "the state cannot be written; events are numbered from {0} again after the next start: {1}",
                    lives * EVENTS_OF_A_LIFE + 1,
                    e.getMessage());
            return false;
        }
    }

    private static long lives(String kept) {
        try {
            return Long.parseLong(kept);
        } catch (NumberFormatException e) {
            LOG.log(
                    System.Logger.Level.ERROR,
                    "the number of the host''s lives is ''{0}''; events are numbered from 1 again",
                    LogRing.clean(kept));
            return 0;
        }
    }

    private static List<PluginRecord> decoded(Map<String, byte[]> kept) {
        List<PluginRecord> records = new ArrayList<>();
        kept.forEach((key, value) -> {
            try {
                records.add(PluginRecord.decode(key, value));
            } catch (PluginException e) {
                LOG.log(System.Logger.Level.ERROR, e.getMessage());
            }
        });
        return records;
    }

    private PluginSlot slot(PluginRecord record, BiFunction<PluginRecord, @Nullable PluginImage, PluginSlot> slots) {
        PluginImage image = null;
        String failure = null;
        try {
            image = preparation.linking.hold(record);
        } catch (PluginException e) {
            failure = e.getMessage();
        }
        PluginSlot slot = slots.apply(record, image);
        if (!record.enabled()) {
            slot.disable(PluginSlot.DISABLED);
        } else if (safeMode) {
            slot.disable(SAFE_MODE);
            slot.events().happened(PluginEvent.Kind.DISABLED, SAFE_MODE);
        } else if (failure != null) {
            slot.fail(failure);
        }
        return slot;
    }

    private void holdPrevious(PluginSlot slot, PluginRecord record) {
        try {
            slot.keep(slot.status().withPrevious(new SlotStatus.Previous(record, preparation.linking.hold(record))));
        } catch (PluginException e) {
            LOG.log(System.Logger.Level.WARNING, "plugin {0} cannot be rolled back: {1}", slot.id, e.getMessage());
        }
    }

    private void sweepImages() {
        try {
            preparation.images.sweep();
        } catch (IOException e) {
            LOG.log(System.Logger.Level.WARNING, "the store of images cannot be swept: {0}", e.getMessage());
        }
    }
}
