package org.circleosd.pluginmanager.trust;

import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import org.circleosd.pluginmanager.api.ErrorCode;
import org.circleosd.pluginmanager.api.PluginException;

/** What all rules that match a plugin give together. */
final class Grants {

    private final Map<String, FolderGrant> folders = new HashMap<>();
    private final Set<HostPattern> hosts = new LinkedHashSet<>();
    private final Map<String, GrantRule.Variable> variables = new HashMap<>();
    private final Set<String> plugins = new HashSet<>();
    private Optional<OptionalLong> store = Optional.empty();

    /**
     * Unites rules.
     *
     * @throws PluginException {@link ErrorCode#CAPABILITY_DENIED} if two give one name two meanings
     */
    Grants(List<GrantRule> rules) {
        for (GrantRule rule : rules) {
            rule.folders().forEach((name, folder) -> folders.merge(name, folder, Grants::oneFolder));
            rule.variables().forEach((name, variable) -> variables.merge(name, variable, Grants::oneValue));
            hosts.addAll(rule.hosts());
            plugins.addAll(rule.plugins());
            rule.store()
                    .ifPresent(quota -> store = Optional.of(
                            store.map(before -> larger(before, quota)).orElse(quota)));
        }
    }

    Optional<FolderGrant> folder(String name) {
        return Optional.ofNullable(folders.get(name));
    }

    Set<HostPattern> hosts() {
        return hosts;
    }

    Optional<String> variable(String name) {
        return Optional.ofNullable(variables.get(name)).map(GrantRule.Variable::value);
    }

    /** Returns the quota of the key-value store; an empty quota is no limit, no quota is no store. */
    Optional<OptionalLong> store() {
        return store;
    }

    boolean hasPlugin(String id) {
        return plugins.contains(id);
    }

    /** Returns the smaller of two quotas; an empty one is no limit. */
    static OptionalLong smaller(OptionalLong one, OptionalLong other) {
        if (one.isEmpty() || other.isEmpty()) {
            return one.isEmpty() ? other : one;
        }
        return OptionalLong.of(Math.min(one.getAsLong(), other.getAsLong()));
    }

    /** Returns the larger of two quotas; an empty one is no limit. */
    static OptionalLong larger(OptionalLong one, OptionalLong other) {
        return one.isEmpty() || other.isEmpty()
                ? OptionalLong.empty()
                : OptionalLong.of(Math.max(one.getAsLong(), other.getAsLong()));
    }

    private static FolderGrant oneFolder(FolderGrant before, FolderGrant after) {
        if (!before.hasPathOf(after)) {
            throw ambiguous(before.place(), after.place());
        }
        return before.or(after);
    }

    private static GrantRule.Variable oneValue(GrantRule.Variable before, GrantRule.Variable after) {
        if (!before.value().equals(after.value())) {
            throw ambiguous(before.place(), after.place());
        }
        return before;
    }

    private static PluginException ambiguous(String one, String other) {
        return new PluginException(
                ErrorCode.CAPABILITY_DENIED,
                one + " and " + other + " both match the plugin and differ; expected one meaning of the name");
    }
}
