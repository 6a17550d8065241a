package org.circleosd.pluginmanager.trust;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.circleosd.pluginmanager.api.Capability;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.json.Checked;
import org.circleosd.pluginmanager.json.JsonValue;
import org.circleosd.pluginmanager.json.JsonValue.JsonArray;
import org.circleosd.pluginmanager.json.JsonValue.JsonNumber;
import org.circleosd.pluginmanager.json.JsonValue.JsonObject;
import org.circleosd.pluginmanager.json.JsonValue.JsonString;
import org.circleosd.pluginmanager.json.Members;
import org.circleosd.pluginmanager.json.TextRule;

/** What is asked and granted: the lesser access, the smaller quota, the narrower pattern. */
final class Intersection {

    private static final Set<String> FREE = Set.of("random", "clock", "log");
    private static final TextRule TEXT = TextRule.any(Integer.MAX_VALUE);

    private final Grants grants;
    private final Missing missing = new Missing();

    Intersection(Grants grants) {
        this.grants = grants;
    }

    /** Returns what was asked of the other methods and not granted. */
    Missing missing() {
        return missing;
    }

    /** Says whether a capability reaches anything of the operator's. */
    static boolean needsRule(Capability asked) {
        return !FREE.contains(asked.kind());
    }

    /**
     * Returns what a plugin gets of a capability that it asks for.
     *
     * @param request the capability's request, which a manifest parser has checked
     */
    CapabilityGrant of(String kind, Checked request) {
        JsonValue scope =
                switch (kind) {
                    case "fs" -> folders(request);
                    case "net" -> hosts(request);
                    case "env" -> variables(request);
                    case "kv" -> store(request);
                    case "call" -> plugins(request);
                    case "random", "clock", "log" -> request.value();
                    default -> throw new IllegalStateException("no rule for the capability " + kind);
                };
        return new CapabilityGrant(kind, scope.toJson());
    }

    private JsonValue folders(Checked request) {
        List<JsonValue> scope = new ArrayList<>();
        for (Checked item : items(request)) {
            Members asked = Members.of(item, "an object");
            String name = text(asked.optional("name"));
            String access = text(asked.optional("access"));
            Optional<FolderGrant> given = grants.folder(name);
            if (given.isEmpty()) {
                Map<String, JsonValue> grant = new LinkedHashMap<>();
                grant.put("path", new JsonString("/absolute/path"));
                grant.put("access", new JsonString(access));
                missing.add("fs", name, new JsonObject(grant));
                continue;
            }
            FolderGrant granted = given.get();
            Map<String, JsonValue> folder = new LinkedHashMap<>();
            folder.put("name", new JsonString(name));
            folder.put("access", new JsonString(granted.writable() ? access : "ro"));
            granted.realPath().ifPresent(path -> folder.put("path", new JsonString(path.toString())));
            Grants.smaller(quota(asked), granted.quotaBytes())
                    .ifPresent(bytes -> folder.put("quota_bytes", new JsonNumber(Long.toString(bytes))));
            scope.add(new JsonObject(folder));
        }
        return new JsonArray(scope);
    }

    private JsonValue hosts(Checked request) {
        Set<HostPattern> scope = new LinkedHashSet<>();
        for (Checked item : items(request)) {
            HostPattern asked = HostPattern.of(item.text(TEXT));
            List<HostPattern> both = grants.hosts().stream()
                    .flatMap(granted -> asked.and(granted).stream())
                    .toList();
            if (both.isEmpty()) {
                missing.add("net", item.text(TEXT));
            }
            scope.addAll(both);
        }
        return array(scope.stream().map(HostPattern::toString).toList());
    }

    private JsonValue variables(Checked request) {
        Map<String, JsonValue> scope = new LinkedHashMap<>();
        for (Checked item : items(request)) {
            String name = item.text(TEXT);
            grants.variable(name)
                    .ifPresentOrElse(
                            value -> scope.put(name, new JsonString(value)),
                            () -> missing.add("env", name, new JsonString("value")));
        }
        return new JsonObject(scope);
    }

    private JsonValue store(Checked request) {
        if (grants.store().isEmpty()) {
            missing.addWhole("kv", request.value());
            return request.value();
        }
        OptionalLong quota = Grants.smaller(
                quota(Members.of(request, "an object")), grants.store().get());
        return new JsonObject(
                quota.isEmpty() ? Map.of() : Map.of("quota_bytes", new JsonNumber(Long.toString(quota.getAsLong()))));
    }

    private JsonValue plugins(Checked request) {
        for (Checked item : items(request)) {
            String id = item.text(TEXT);
            if (!grants.hasPlugin(id)) {
                missing.add("call", id);
            }
        }
        return request.value();
    }

    private static List<Checked> items(Checked request) {
        return request.items(Integer.MAX_VALUE, "an array");
    }

    private static String text(Optional<Checked> member) {
        return member.orElseThrow().text(TEXT);
    }

    private static OptionalLong quota(Members asked) {
        return asked.optional("quota_bytes").stream()
                .mapToLong(quota -> quota.wholeNumber(1, Long.MAX_VALUE))
                .findFirst();
    }

    private static JsonArray array(List<String> texts) {
        return new JsonArray(texts.stream().<JsonValue>map(JsonString::new).toList());
    }
}
