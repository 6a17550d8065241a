package org.circleosd.pluginmanager.nativeloader.process;

import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.circleosd.pluginmanager.api.CapabilityGrant;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;
import org.circleosd.pluginmanager.json.Checked;
import org.circleosd.pluginmanager.json.Fault;
import org.circleosd.pluginmanager.json.JsonText;
import org.circleosd.pluginmanager.json.Members;
import org.circleosd.pluginmanager.json.TextRule;

/**
 * What the process of a native plugin may reach.
 *
 * @param folders of the host, at their real paths
 * @param network whether it may open sockets of the internet; which hosts cannot be told apart
 * @param environment its variables
 * @param values whether it may keep values
 */
record NativeGrants(List<Folder> folders, boolean network, Map<String, String> environment, boolean values) {

    /** Nothing. */
    static final NativeGrants NONE = new NativeGrants(List.of(), false, Map.of(), false);

    private static final TextRule TEXT = TextRule.any(4096);
    private static final int MOST = 32;

    /**
     * A folder of the host.
     *
     * @param name of the grant
     * @param writable whether files in it may be changed
     */
    record Folder(String name, Path path, boolean writable) {}

    /**
     * Reads grants; those that a native plugin has no use for are left out.
     *
     * @throws PluginException {@link ErrorCode#CAPABILITY_DENIED} for a grant that cannot be enforced on native code
     */
    static NativeGrants of(List<CapabilityGrant> grants) {
        List<Folder> folders = new ArrayList<>();
        Map<String, String> environment = new TreeMap<>();
        boolean network = false;
        boolean values = false;
        for (CapabilityGrant grant : grants) {
            switch (grant.kind()) {
                case "fs" -> scope(grant).items(MOST, "folders").forEach(folder -> folders.add(folder(folder)));
                case "env" ->
                    Members.of(scope(grant), "an object of names and values")
                            .byName()
                            .forEach((name, value) -> environment.put(name, value.text(TEXT)));
                case "net" -> network = anyHost(scope(grant));
                case "kv" -> values = true;
                default -> {}
            }
        }
        return new NativeGrants(List.copyOf(folders), network, Map.copyOf(environment), values);
    }

    /** Returns the settings that tell the plugin where its folders are: {@code fs.NAME} is a path. */
    Map<String, String> settings() {
        Map<String, String> settings = new HashMap<>();
        folders.forEach(
                folder -> settings.put("fs." + folder.name(), folder.path().toString()));
        return settings;
    }

    /** Says whether a process that was started without any grants will do. */
    boolean needNoProcessOfTheirOwn() {
        return folders.isEmpty() && !network;
    }

    private static Folder folder(Checked value) {
        Members members = Members.of(value, "a folder");
        String name = members.required("name", TEXT).text(TEXT);
        Checked path = members.optional("path")
                .orElseThrow(() -> new PluginException(
                        ErrorCode.CAPABILITY_DENIED,
                        "the grant of the folder '" + name
                                + "' has no path: a native plugin sees folders of the host only;"
                                + " add \"path\" to the rule in grants.json"));
        return new Folder(
                name,
                Path.of(path.text(TEXT)),
                members.required("access", TEXT).text(TEXT).equals("rw"));
    }

    /** Which hosts are spoken to cannot be seen from outside a process: it is all of them or none. */
    private static boolean anyHost(Checked hosts) {
        if (hosts.items(1000, "hosts").stream().anyMatch(host -> host.text(TEXT).equals("*"))) {
            return true;
        }
        throw new PluginException(
                ErrorCode.CAPABILITY_DENIED,
                "a native plugin cannot be held to certain hosts: grant \"net\":[\"*\"] or none");
    }

    private static Checked scope(CapabilityGrant grant) {
        Fault fault = new Fault(ErrorCode.CAPABILITY_DENIED, "the grant of " + grant.kind());
        return new Checked(JsonText.read(grant.scope().getBytes(StandardCharsets.UTF_8), fault), "", fault);
    }
}
