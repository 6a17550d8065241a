package org.circleosd.pluginmanager.json;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * The members of one object of a file, each with its place.
 *
 * @param pointer JSON pointer of the object
 */
public record Members(Map<String, Checked> byName, String pointer, Fault fault) {

    /** Names that begin so are the author's own, and free. */
    private static final String FREE_PREFIX = "x-";

    public static Members of(Checked value, String expected) {
        if (!(value.value() instanceof JsonValue.JsonObject object)) {
            throw value.wrong(expected);
        }
        Map<String, Checked> byName = new LinkedHashMap<>();
        object.members().forEach((name, member) -> {
            String escaped = name.replace("~", "~0").replace("/", "~1");
            byName.put(name, new Checked(member, value.pointer() + "/" + escaped, value.fault()));
        });
        return new Members(byName, value.pointer(), value.fault());
    }

    public Optional<Checked> optional(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    public Checked required(String name, TextRule rule) {
        Checked member = byName.get(name);
        if (member == null) {
            throw fault.at(pointer + "/" + name, "missing", rule.expected());
        }
        return member;
    }

    /** Leaves out the members that are the author's own. */
    public Members withoutFree() {
        Map<String, Checked> rest = new LinkedHashMap<>(byName);
        rest.keySet().removeIf(name -> name.startsWith(FREE_PREFIX));
        return new Members(rest, pointer, fault);
    }

    /** Refuses any other member. */
    public void only(Set<String> known) {
        byName.forEach((name, member) -> {
            if (!known.contains(name)) {
                throw member.fault()
                        .at(member.pointer(), "unknown member", "one of " + String.join(", ", new TreeSet<>(known)));
            }
        });
    }
}
