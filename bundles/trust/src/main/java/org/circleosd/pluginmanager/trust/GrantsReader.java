package org.circleosd.pluginmanager.trust;

import static org.circleosd.pluginmanager.json.CapabilityTexts.ACCESS;
import static org.circleosd.pluginmanager.json.CapabilityTexts.ADDRESS;
import static org.circleosd.pluginmanager.json.CapabilityTexts.FOLDER;
import static org.circleosd.pluginmanager.json.CapabilityTexts.MAX_ITEMS;
import static org.circleosd.pluginmanager.json.CapabilityTexts.MAX_QUOTA_BYTES;
import static org.circleosd.pluginmanager.json.CapabilityTexts.PLUGIN;
import static org.circleosd.pluginmanager.json.CapabilityTexts.VARIABLE;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BiConsumer;
import org.circleosd.pluginmanager.api.Sha256;
import org.circleosd.pluginmanager.json.Checked;
import org.circleosd.pluginmanager.json.JsonValue.JsonArray;
import org.circleosd.pluginmanager.json.Members;
import org.circleosd.pluginmanager.json.TextRule;

/** Checks the members of the operator's file of grants. {@code docs/grants.schema.json} has the same rules. */
final class GrantsReader {

    private static final int MAX_RULES = 10_000;
    private static final int MAX_DIGESTS = 1_000;

    private static final TextRule NAME = TextRule.line(1, 128);
    private static final TextRule DIGEST =
            TextRule.matching("[0-9a-f]{64}", "a SHA-256 of 64 lower-case hexadecimal digits");
    private static final TextRule PATH = TextRule.matching("/[^\\x00]{0,4095}", "an absolute path, as '/srv/data'");
    private static final TextRule VALUE = TextRule.matching("[^\\x00]{0,65536}", "a string without NUL characters");

    private GrantsReader() {}

    static List<GrantRule> read(Checked document) {
        Members members = Members.of(document, "one JSON object").withoutFree();
        members.only(Set.of("policy_version", "rules"));
        required(members, "policy_version", "the number 1").wholeNumber(1, 1);
        List<GrantRule> rules = new ArrayList<>();
        for (Checked item : required(members, "rules", "an array of rules").items(MAX_RULES, "an array of rules")) {
            rules.add(rule(item));
        }
        return rules;
    }

    private static GrantRule rule(Checked item) {
        Members rule = Members.of(item, "an object with match and grant").withoutFree();
        rule.only(Set.of("match", "grant"));
        Members match = object(rule, "match", "an object with name or sha256");
        match.only(Set.of("name", "sha256"));
        if (match.byName().isEmpty()) {
            throw match.fault()
                    .at(match.pointer(), "nothing", "a name, a sha256 or both; {\"name\":\"*\"} matches any plugin");
        }
        Members grant = object(rule, "grant", "an object with fs, net, env, kv or call");
        grant.only(Set.of("fs", "net", "env", "kv", "call"));
        return new GrantRule(
                match.optional("name").map(name -> new Glob(name.text(NAME))),
                match.optional("sha256").map(GrantsReader::digests).orElse(Set.of()),
                grant.optional("fs").map(GrantsReader::folders).orElse(Map.of()),
                grant.optional("net").map(GrantsReader::hosts).orElse(List.of()),
                grant.optional("env").map(GrantsReader::variables).orElse(Map.of()),
                grant.optional("kv").map(GrantsReader::store),
                grant.optional("call").map(GrantsReader::plugins).orElse(Set.of()));
    }

    private static Set<Sha256> digests(Checked value) {
        if (!(value.value() instanceof JsonArray)) {
            return Set.of(new Sha256(value.text(DIGEST)));
        }
        List<Checked> items = value.items(MAX_DIGESTS, "a SHA-256 or an array of them");
        if (items.isEmpty()) {
            throw value.fault().at(value.pointer(), "an empty array", "at least one SHA-256");
        }
        Set<Sha256> digests = new HashSet<>();
        items.forEach(item -> digests.add(new Sha256(item.text(DIGEST))));
        return digests;
    }

    private static Map<String, FolderGrant> folders(Checked value) {
        Map<String, FolderGrant> folders = new HashMap<>();
        named(value, FOLDER, (name, folder) -> folders.put(name, folder(folder)));
        return folders;
    }

    private static FolderGrant folder(Checked value) {
        Members members = Members.of(value, "an object with path and access, or with memory and quota_bytes");
        members.only(Set.of("path", "access", "memory", "quota_bytes"));
        OptionalLong quota = quota(members);
        boolean inMemory = members.optional("memory").map(Checked::yes).orElse(false);
        if (inMemory) {
            members.optional("path").ifPresent(path -> {
                throw path.fault().at(path.pointer(), "a path beside memory", "one of them");
            });
            if (quota.isEmpty()) {
                throw value.fault()
                        .at(
                                value.pointer() + "/quota_bytes",
                                "missing",
                                "the most bytes that the folder may take of the daemon's memory");
            }
            return new FolderGrant(
                    null, members.optional("access").map(GrantsReader::writes).orElse(true), quota, place(value));
        }
        Checked path = members.required("path", PATH);
        return new FolderGrant(path(path), writes(members.required("access", ACCESS)), quota, place(value));
    }

    private static String place(Checked value) {
        return value.fault().origin() + ": " + value.pointer();
    }

    private static Path path(Checked value) {
        try {
            return Path.of(value.text(PATH)).normalize();
        } catch (InvalidPathException e) {
            throw value.wrong(PATH.expected());
        }
    }

    private static boolean writes(Checked access) {
        return access.text(ACCESS).equals("rw");
    }

    private static List<HostPattern> hosts(Checked value) {
        return value.items(MAX_ITEMS, "an array of hosts").stream()
                .map(item -> HostPattern.of(item.text(ADDRESS)))
                .toList();
    }

    private static Map<String, GrantRule.Variable> variables(Checked value) {
        Map<String, GrantRule.Variable> variables = new HashMap<>();
        named(
                value,
                VARIABLE,
                (name, variable) -> variables.put(name, new GrantRule.Variable(variable.text(VALUE), place(variable))));
        return variables;
    }

    private static OptionalLong store(Checked value) {
        Members members = Members.of(value, "an object, as {\"quota_bytes\":65536} or {}");
        members.only(Set.of("quota_bytes"));
        return quota(members);
    }

    private static Set<String> plugins(Checked value) {
        Set<String> plugins = new HashSet<>();
        value.items(MAX_ITEMS, "an array of ids").forEach(item -> plugins.add(item.text(PLUGIN)));
        return plugins;
    }

    private static OptionalLong quota(Members members) {
        return members.optional("quota_bytes").stream()
                .mapToLong(quota -> quota.wholeNumber(1, MAX_QUOTA_BYTES))
                .findFirst();
    }

    private static Members object(Members parent, String name, String expected) {
        return Members.of(required(parent, name, expected), expected);
    }

    private static Checked required(Members parent, String name, String expected) {
        return parent.optional(name)
                .orElseThrow(() -> parent.fault().at(parent.pointer() + "/" + name, "missing", expected));
    }

    private static void named(Checked value, TextRule rule, BiConsumer<String, Checked> take) {
        Members members = Members.of(value, "an object");
        if (members.byName().size() > MAX_ITEMS) {
            throw value.fault().at(value.pointer(), members.byName().size() + " members", "at most " + MAX_ITEMS);
        }
        members.byName().forEach((name, member) -> {
            if (!rule.allows(name)) {
                throw member.fault().at(member.pointer(), "the name of the member", rule.expected());
            }
            take.accept(name, member);
        });
    }
}
