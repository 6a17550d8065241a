package org.circleosd.pluginmanager.trust;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.circleosd.pluginmanager.api.PluginImage;
import org.circleosd.pluginmanager.json.JsonValue;
import org.circleosd.pluginmanager.json.JsonValue.JsonArray;
import org.circleosd.pluginmanager.json.JsonValue.JsonObject;
import org.circleosd.pluginmanager.json.JsonValue.JsonString;
import org.circleosd.pluginmanager.json.Shown;

/** What a plugin asked for and no rule gives: for people, and as the rule that would give it. */
final class Missing {

    private static final int MAX_SHOWN = 10;

    private final List<String> words = new ArrayList<>();
    private final Map<String, Map<String, JsonValue>> named = new LinkedHashMap<>();
    private final Map<String, List<JsonValue>> listed = new LinkedHashMap<>();
    private final Map<String, JsonValue> whole = new LinkedHashMap<>();

    /** Notes a member of {@code fs} or {@code env}. */
    void add(String kind, String name, JsonValue grant) {
        words.add(kind + " " + Shown.quoted(name));
        named.computeIfAbsent(kind, key -> new LinkedHashMap<>()).put(name, grant);
    }

    /** Notes an item of {@code net} or {@code call}. */
    void add(String kind, String item) {
        words.add(kind + " " + Shown.quoted(item));
        listed.computeIfAbsent(kind, key -> new ArrayList<>()).add(new JsonString(item));
    }

    /** Notes all of a capability. */
    void addWhole(String kind, JsonValue grant) {
        words.add(kind);
        whole.put(kind, grant);
    }

    boolean isEmpty() {
        return words.isEmpty();
    }

    String shown() {
        return words.size() <= MAX_SHOWN
                ? String.join(", ", words)
                : String.join(", ", words.subList(0, MAX_SHOWN)) + " and " + (words.size() - MAX_SHOWN) + " more";
    }

    /** Returns the rule to add, as compact JSON. */
    String rule(String pluginName, PluginImage image) {
        Map<String, JsonValue> grant = new LinkedHashMap<>();
        named.forEach((kind, members) -> grant.put(kind, new JsonObject(members)));
        listed.forEach((kind, items) -> grant.put(kind, new JsonArray(items)));
        grant.putAll(whole);
        Map<String, JsonValue> rule = new LinkedHashMap<>();
        rule.put("match", new JsonObject(match(pluginName, image)));
        rule.put("grant", new JsonObject(grant));
        return new JsonObject(rule).toJson();
    }

    /** A plugin names itself: a star in its name must not make a rule that gives the same to others. */
    private static Map<String, JsonValue> match(String pluginName, PluginImage image) {
        if (!pluginName.contains("*")) {
            return Map.of("name", new JsonString(pluginName));
        }
        List<JsonValue> digests = new ArrayList<>();
        digests.add(new JsonString(image.sha256().hex()));
        image.linked()
                .values()
                .forEach(module -> digests.add(new JsonString(module.sha256().hex())));
        return Map.of("sha256", new JsonArray(digests));
    }
}
