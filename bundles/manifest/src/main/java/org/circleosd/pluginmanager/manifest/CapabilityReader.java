package org.circleosd.pluginmanager.manifest;

import static org.circleosd.pluginmanager.json.CapabilityTexts.ACCESS;
import static org.circleosd.pluginmanager.json.CapabilityTexts.ADDRESS;
import static org.circleosd.pluginmanager.json.CapabilityTexts.FOLDER;
import static org.circleosd.pluginmanager.json.CapabilityTexts.MAX_ITEMS;
import static org.circleosd.pluginmanager.json.CapabilityTexts.MAX_QUOTA_BYTES;
import static org.circleosd.pluginmanager.json.CapabilityTexts.PLUGIN;
import static org.circleosd.pluginmanager.json.CapabilityTexts.VARIABLE;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.circleosd.pluginmanager.api.Capability;
import org.circleosd.pluginmanager.json.Checked;
import org.circleosd.pluginmanager.json.Members;
import org.circleosd.pluginmanager.json.TextRule;

/** Reads what a manifest asks for beyond computing. What asks for nothing, as {@code "random": false}, is left out. */
final class CapabilityReader {

    private static final Set<String> KINDS = Set.of("fs", "env", "net", "kv", "call", "clock", "random", "log");

    private static final TextRule CLOCK = TextRule.oneOf("none", "coarse", "fine");

    private CapabilityReader() {}

    static List<Capability> read(Checked value) {
        Members members = Members.of(value, "an object with capabilities");
        members.only(KINDS);
        List<Capability> asked = new ArrayList<>();
        members.byName().forEach((kind, request) -> {
            if (asksForSomething(kind, request)) {
                asked.add(new Capability(kind, request.value().toJson()));
            }
        });
        return asked;
    }

    /** Reads hosts that the plugin wants to reach; nothing for none. */
    static Optional<Capability> net(Checked hosts) {
        return asksForAny(hosts, ADDRESS)
                ? Optional.of(new Capability("net", hosts.value().toJson()))
                : Optional.empty();
    }

    private static boolean asksForSomething(String kind, Checked request) {
        return switch (kind) {
            case "fs" -> asksForFolders(request);
            case "env" -> asksForAny(request, VARIABLE);
            case "net" -> asksForAny(request, ADDRESS);
            case "call" -> asksForAny(request, PLUGIN);
            case "kv" -> {
                Members store = Members.of(request, "an object, as {\"quota_bytes\":65536} or {}");
                store.only(Set.of("quota_bytes"));
                checkQuota(store);
                yield true;
            }
            case "clock" -> !request.text(CLOCK).equals("none");
            case "random", "log" -> request.yes();
            default -> throw new IllegalStateException("no reader for the capability " + kind);
        };
    }

    private static boolean asksForFolders(Checked request) {
        List<Checked> folders =
                request.items(MAX_ITEMS, "an array of folders, as [{\"name\":\"data\",\"access\":\"ro\"}]");
        Set<String> names = new HashSet<>();
        for (Checked item : folders) {
            Members folder = Members.of(item, "an object with name and access");
            folder.only(Set.of("name", "access", "quota_bytes"));
            Checked name = folder.required("name", FOLDER);
            if (!names.add(name.text(FOLDER))) {
                throw name.wrong("each folder once");
            }
            folder.required("access", ACCESS).text(ACCESS);
            checkQuota(folder);
        }
        return !folders.isEmpty();
    }

    private static boolean asksForAny(Checked request, TextRule rule) {
        List<Checked> items = request.items(MAX_ITEMS, "an array of strings");
        items.forEach(item -> item.text(rule));
        return !items.isEmpty();
    }

    private static void checkQuota(Members members) {
        members.optional("quota_bytes").ifPresent(quota -> quota.wholeNumber(1, MAX_QUOTA_BYTES));
    }
}
