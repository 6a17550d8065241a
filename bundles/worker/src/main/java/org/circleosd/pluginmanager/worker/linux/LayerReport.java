package org.circleosd.pluginmanager.worker.linux;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/** Which layers hold a process, and why others do not. */
final class LayerReport {

    private final Map<ConfinementLayer, String> active = new EnumMap<>(ConfinementLayer.class);
    private final Map<ConfinementLayer, List<String>> reasons = new EnumMap<>(ConfinementLayer.class);

    /** Notes that a layer is in place, under the name that people see. */
    synchronized void active(ConfinementLayer layer, String label) {
        active.put(layer, label);
    }

    /** Notes that a layer is in place. */
    void active(ConfinementLayer layer) {
        active(layer, layer.label());
    }

    /** Notes that a layer is not in place. */
    synchronized void missing(ConfinementLayer layer, String reason) {
        active.remove(layer);
        partly(layer, reason);
    }

    /** Notes what a layer that is in place leaves open. */
    synchronized void partly(ConfinementLayer layer, String reason) {
        List<String> known = reasons.computeIfAbsent(layer, any -> new ArrayList<>());
        if (!known.contains(reason)) {
            known.add(reason);
        }
    }

    synchronized boolean isActive(ConfinementLayer layer) {
        return active.containsKey(layer);
    }

    synchronized List<String> layers() {
        return List.copyOf(active.values());
    }

    synchronized List<String> unenforced() {
        List<String> all = new ArrayList<>();
        reasons.forEach((layer, texts) -> texts.forEach(text -> all.add(layer.label() + ": " + text)));
        return all;
    }
}
