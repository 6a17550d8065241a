package org.circleosd.pluginmanager.host;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.api.PluginInfo;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.runtime.LoadedPlugin;
import org.jspecify.annotations.Nullable;

/**
 * What is in a slot at one moment; all of it belongs together.
 *
 * @param record of the content
 * @param image the copy that the record names; null if it is missing from the store
 * @param content null until it was checked for the first time
 * @param opened what takes the calls; null if nothing does
 * @param reason why it is failed or disabled; null in any other state
 * @param previous what a rollback returns to; null: nothing
 */
record SlotStatus(
        PluginRecord record,
        @Nullable PluginImage image,
        @Nullable PluginContent content,
        Runtimes.@Nullable Opened opened,
        PluginState state,
        @Nullable String reason,
        @Nullable Previous previous) {

    /**
     * Content that a rollback returns to.
     *
     * @param image held
     */
    record Previous(PluginRecord record, PluginImage image) {}

    static SlotStatus ofKept(PluginRecord record, @Nullable PluginImage image) {
        return new SlotStatus(record, image, null, null, PluginState.LOADING, null, null);
    }

    SlotStatus with(PluginContent next) {
        return new SlotStatus(next.record(), next.image(), next, opened, state, reason, previous);
    }

    SlotStatus with(PluginRecord next) {
        return new SlotStatus(next, image, content, opened, state, reason, previous);
    }

    SlotStatus withPrevious(@Nullable Previous next) {
        return new SlotStatus(record, image, content, opened, state, reason, next);
    }

    SlotStatus active(Runtimes.Opened by) {
        return new SlotStatus(record, image, content, by, PluginState.ACTIVE, null, previous);
    }

    /** Returns the same without anything that takes calls. */
    SlotStatus closed(PluginState next, @Nullable String why) {
        return new SlotStatus(record, image, content, null, next, why, previous);
    }

    /** Returns what runs as what a rollback returns to; null if its image is missing. */
    @Nullable
    Previous asPrevious() {
        return image == null ? null : new Previous(record, image);
    }

    /** Returns why it takes no calls although it was opened: what is made ready in the background can fail later. */
    Optional<String> lateFailure() {
        return opened == null ? Optional.empty() : opened.plugin().failure();
    }

    PluginInfo info() {
        LoadedPlugin plugin = opened == null ? null : opened.plugin();
        Optional<String> failure = lateFailure();
        return new PluginInfo(
                record.id(),
                record.name(),
                record.version(),
                record.description(),
                record.type(),
                failure.isPresent() ? PluginState.FAILED : state,
                failure.orElse(reason),
                record.path().toString(),
                record.sha256(),
                plugin == null ? "" : plugin.abi(),
                plugin == null ? List.of() : plugin.functions(),
                content == null ? null : content.signer().orElse(null),
                plugin == null ? List.of() : plugin.isolation(),
                plugin == null ? List.of() : plugin.unenforced(),
                details(plugin),
                plugin == null ? null : plugin.engine().orElse(null),
                record.loadedAt(),
                previous == null ? null : previous.record().version());
    }

    private Map<String, String> details(@Nullable LoadedPlugin plugin) {
        Map<String, String> details = new LinkedHashMap<>(plugin == null ? Map.of() : plugin.details());
        if (content != null && !content.manifest().dependencies().isEmpty()) {
            details.put(
                    "needs",
                    content.manifest().dependencies().entrySet().stream()
                            .map(need -> need.getKey() + " " + need.getValue())
                            .sorted()
                            .collect(Collectors.joining(", ")));
        }
        if (previous != null) {
            details.put(
                    "previous",
                    "version " + previous.record().version() + " of "
                            + previous.record().path());
        }
        return details;
    }
}
