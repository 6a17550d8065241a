package org.circleosd.pluginmanager.host;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.api.PluginId;
import org.circleosd.pluginmanager.api.PluginState;
import org.circleosd.pluginmanager.api.PluginVersion;
import org.circleosd.pluginmanager.api.PluginVersionRange;

/**
 * Which plugins need which, and what follows from that: a plugin runs while all that it needs are there, in versions that
 * it can work with. Thread-safe; looks at slots and locks none.
 */
final class Dependencies implements ChangeRules {

    private final PluginSet plugins;
    private final Preparation preparation;
    /** Those that were closed, or not opened, for want of another: they come back with it. */
    private final Set<PluginId> unserved = ConcurrentHashMap.newKeySet();

    Dependencies(PluginSet plugins, Preparation preparation) {
        this.plugins = plugins;
        this.preparation = preparation;
    }

    @Override
    public void checkUse(PluginContent next, boolean force) {
        PluginId id = next.record().id();
        checkCircle(id, next.manifest().dependencies().keySet());
        next.manifest().dependencies().forEach((other, range) -> checkThere(id, other, range));
        if (!force) {
            checkVersion(id, new PluginVersion(next.record().version()));
        }
        unserved.remove(id);
    }

    @Override
    public void checkLeave(PluginId id, boolean force) {
        List<String> dependants = force ? List.of() : dependants(id);
        if (!dependants.isEmpty()) {
            throw new PluginException(
                    ErrorCode.IN_USE,
                    "plugin '" + id + "' is needed by " + String.join(", ", dependants)
                            + "; unload or disable what needs it first, or unload this one with \"force\":true: what"
                            + " needs it is out of service then, until it is loaded again");
        }
    }

    @Override
    public boolean mayOpen(PluginContent kept) {
        PluginId id = kept.record().id();
        Map<PluginId, PluginVersionRange> needs = kept.manifest().dependencies();
        unserved.add(id);
        // First: one that is coming now, and fails before it is checked, would be neither coming nor missing.
        boolean waits = needs.keySet().stream().anyMatch(this::isStillComing);
        checkCircle(id, needs.keySet());
        needs.forEach((other, range) -> checkThere(id, other, range));
        if (!waits) {
            unserved.remove(id);
        }
        return !waits;
    }

    @Override
    public List<List<PluginSlot>> dependantsFirst(Collection<PluginSlot> slots) {
        Map<PluginId, PluginSlot> left = new HashMap<>();
        slots.forEach(slot -> left.put(slot.id, slot));
        List<List<PluginSlot>> waves = new ArrayList<>();
        while (!left.isEmpty()) {
            Set<PluginId> needed = left.values().stream()
                    .flatMap(slot -> needs(slot).keySet().stream())
                    .collect(Collectors.toSet());
            List<PluginSlot> wave = left.values().stream()
                    .filter(slot -> !needed.contains(slot.id))
                    .toList();
            if (wave.isEmpty()) {
                wave = List.copyOf(left.values()); // a circle, of which nothing runs
            }
            wave.forEach(slot -> left.remove(slot.id));
            waves.add(wave);
        }
        return waves;
    }

    /** Returns the slots in which something has to be done: opened at last, or closed for want of another plugin. */
    List<PluginSlot> unsettled() {
        return plugins.present().stream().filter(this::isUnsettled).toList();
    }

    private boolean isUnsettled(PluginSlot slot) {
        PluginContent content = slot.status().content();
        if (content == null || content.manifest().dependencies().isEmpty()) {
            return false; // what was not checked yet is being loaded, or will be looked at when it was
        }
        Map<PluginId, PluginVersionRange> needs = content.manifest().dependencies();
        return switch (slot.status().state()) {
            case LOADING, SUSPENDED -> needs.keySet().stream().noneMatch(this::isStillComing);
            case FAILED -> unserved.contains(slot.id) && isServed(needs);
            case ACTIVE -> needs.entrySet().stream().anyMatch(need -> isGone(need.getKey(), need.getValue()));
            case DRAINING, DISABLED -> false;
        };
    }

    /**
     * Says why a plugin that runs cannot go on.
     *
     * @throws PluginException {@link ErrorCode#DEPENDENCY_MISSING} if one that it needs was taken away, and did not just
     *     fail by itself
     */
    void checkMayGoOn(PluginSlot slot) {
        needs(slot).forEach((other, range) -> {
            if (isGone(other, range)) {
                unserved.add(slot.id);
                checkThere(slot.id, other, range);
            }
        });
    }

    /** Says whether somebody took it away. One that failed may come back by itself; its calls say what is wrong. */
    private boolean isGone(PluginId id, PluginVersionRange range) {
        PluginSlot slot = plugins.find(id);
        if (slot == null) {
            return true;
        }
        PluginState state = slot.status().state();
        return state == PluginState.DISABLED
                || state == PluginState.DRAINING
                || !range.includes(new PluginVersion(slot.status().record().version()));
    }

    private boolean isServed(Map<PluginId, PluginVersionRange> needs) {
        return needs.entrySet().stream().allMatch(need -> {
            PluginSlot slot = plugins.find(need.getKey());
            return slot != null
                    && slot.status().state() == PluginState.ACTIVE
                    && !isGone(need.getKey(), need.getValue());
        });
    }

    private boolean isStillComing(PluginId id) {
        PluginSlot slot = plugins.find(id);
        if (slot == null) {
            return false;
        }
        PluginState state = slot.status().state();
        return state == PluginState.LOADING || state == PluginState.SUSPENDED;
    }

    private void checkThere(PluginId id, PluginId other, PluginVersionRange range) {
        String needs = "plugin '" + id + "' needs plugin '" + other + "' " + range;
        PluginSlot slot = plugins.find(other);
        if (slot == null || slot.status().state() == PluginState.DRAINING) {
            throw missing(needs + ", which is not loaded; load it first");
        }
        SlotStatus status = slot.status();
        if (!range.includes(new PluginVersion(status.record().version()))) {
            throw missing(needs + "; version " + status.record().version() + " is loaded");
        }
        if (status.state() == PluginState.DISABLED) {
            throw missing(needs + ", which is disabled; enable it first");
        }
        if (status.state() == PluginState.FAILED) {
            throw missing(needs + ", which failed: " + status.reason());
        }
    }

    private static PluginException missing(String message) {
        return new PluginException(ErrorCode.DEPENDENCY_MISSING, message);
    }

    /** Refuses another version for the sake of those that can work with the present one. */
    private void checkVersion(PluginId id, PluginVersion next) {
        PluginSlot slot = plugins.find(id);
        if (slot == null) {
            return;
        }
        PluginVersion now = new PluginVersion(slot.status().record().version());
        for (PluginSlot dependant : plugins.present()) {
            PluginVersionRange range = needs(dependant).get(id);
            if (range != null && counts(dependant) && range.includes(now) && !range.includes(next)) {
                throw new PluginException(
                        ErrorCode.IN_USE,
                        "plugin '" + dependant.id + "' needs plugin '" + id + "' " + range + ", and this is version "
                                + next + "; upgrade or unload '" + dependant.id
                                + "' first, or use \"force\":true: it is out of service then, until there is a version"
                                + " that it can work with");
            }
        }
    }

    private List<String> dependants(PluginId id) {
        List<String> dependants = new ArrayList<>();
        for (PluginSlot slot : plugins.present()) {
            PluginVersionRange range = needs(slot).get(id);
            if (range != null && counts(slot)) {
                dependants.add("'" + slot.id + "' (" + range + ")");
            }
        }
        return dependants;
    }

    /** What does not run anyway, and will not by itself, holds nobody. */
    private static boolean counts(PluginSlot slot) {
        return switch (slot.status().state()) {
            case LOADING, ACTIVE, SUSPENDED -> true;
            case DRAINING, DISABLED, FAILED -> false;
        };
    }

    private void checkCircle(PluginId id, Set<PluginId> needs) {
        Map<PluginId, PluginId> neededBy = new HashMap<>();
        Deque<PluginId> open = new ArrayDeque<>(needs);
        needs.forEach(need -> neededBy.put(need, id));
        Set<PluginId> seen = new HashSet<>();
        while (!open.isEmpty()) {
            PluginId next = open.remove();
            if (next.equals(id)) {
                throw new PluginException(
                        ErrorCode.DEPENDENCY_CYCLE, "plugins need each other in a circle: " + circle(id, neededBy));
            }
            PluginSlot slot = plugins.find(next);
            if (seen.add(next) && slot != null) {
                for (PluginId further : needs(slot).keySet()) {
                    neededBy.putIfAbsent(further, next);
                    open.add(further);
                }
            }
        }
    }

    private static String circle(PluginId id, Map<PluginId, PluginId> neededBy) {
        String circle = id.value();
        PluginId at = id;
        do {
            PluginId before = neededBy.get(at);
            if (before == null) {
                return circle;
            }
            at = before;
            circle = at + " -> " + circle;
        } while (!at.equals(id));
        return circle;
    }

    private Map<PluginId, PluginVersionRange> needs(PluginSlot slot) {
        PluginContent content = slot.status().content();
        if (content != null) {
            return content.manifest().dependencies();
        }
        // It was not checked yet: it is being loaded, or was kept and waits for a part.
        return preparation.dependencies(slot.status().record());
    }
}
